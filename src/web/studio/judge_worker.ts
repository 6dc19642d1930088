import * as comlink from 'comlink';
import { platform } from '#platform';
import { LocalJudge } from './judge_port.ts';

comlink.expose(new LocalJudge(platform.files));
