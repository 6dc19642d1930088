import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { hubEncoder } from '../../../src/app/hub/hub_encoder.ts';
import { hubName } from '../../../src/app/hub/names.ts';
import type { HubWish } from '../../../src/app/hub/wish.ts';
import { silentReporter } from '../../../src/app/reporter.ts';
import type { HubOrigin } from '../../../src/encoder/encoder_card.ts';
import { UserError } from '../../../src/errors.ts';
import { nodeHub } from '../../../src/platform/hub/node_hub.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { loopbackHub } from '../../platform/hub/loopback_hub.ts';

export const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
const old = { 'model.safetensors': 'old weights', 'config.json': '{"old":1}' };
const now = { 'model.safetensors': 'new weights', 'config.json': '{"new":1}', 'README.md': 'not wanted' };
const index = (...parts: string[]) =>
  JSON.stringify({ weight_map: Object.fromEntries(parts.map((part, at) => [`tensor${at}`, part])) });

export const server = await loopbackHub({
  'owner/net': {
    commits: { [first]: old, [second]: now },
    branches: { main: second, v1: first },
    changed: { 'model.safetensors': second, 'config.json': first },
    card: { license: 'mit' },
  },
  'owner/parts': {
    commits: {
      [first]: {
        'model.safetensors.index.json': index('model-00001-of-2.safetensors', 'model-00002-of-2.safetensors'),
        'model-00001-of-2.safetensors': 'one',
        'model-00002-of-2.safetensors': 'two',
        'model-00003-of-2.safetensors': 'of no use',
        'pytorch_model.bin': 'not wanted',
      },
      [second]: { 'model.safetensors.index.json': index('model-00009.safetensors') },
    },
    branches: { main: first, torn: second },
  },
  'owner/pickled': { commits: { [first]: { 'pytorch_model.bin': 'weights' } }, branches: { main: first } },
  'owner/none': { commits: { [first]: { 'README.md': 'a tokenizer' } }, branches: { main: first } },
});

export interface Bench {
  readonly cache: string;
  /** Finds or fetches what a setting names, and what was said and asked on the way. */
  get(place: string, wish?: Partial<HubWish>, options?: { answer?: boolean; offline?: string }): Promise<Got>;
}
export interface Got {
  readonly origin: HubOrigin;
  readonly weights: string;
  readonly beside: (name: string) => string | undefined;
  readonly notes: string[];
  readonly questions: string[];
  /** Paths that the hub and its storage were asked for. */
  readonly asked: string[];
}

export async function bench(body: (bench: Bench) => Promise<void>): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'kindred-hub-'));
  const access = async () => ({
    endpoint: server.endpoint,
    token: undefined,
    tokenAdvice: 'set HF_TOKEN',
    pause: 2,
  });
  try {
    await body({
      cache,
      async get(place, wish = {}, { answer, offline } = {}) {
        const [notes, questions]: [string[], string[]] = [[], []];
        const confirm = async (question: unknown) => {
          questions.push(`${question}`);
          return answer!;
        };
        const reporter = {
          ...silentReporter,
          note: (text: unknown) => void notes.push(`${text}`),
          ...(answer !== undefined && { confirm }),
        };
        server.asked.length = 0;
        const hub = { ...nodeHub(access, cache), host: 'hub.example', offline };
        const whole = { setting: 'encoder', download: false, ...wish };
        const found = await hubEncoder({ files: nodeFiles, reporter }, hub, hubName(place)!, whole);
        return { ...found, notes, questions, asked: server.asked.map(({ path }) => path) };
      },
    });
  } finally {
    rmSync(cache, { recursive: true });
  }
}

export async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    assert.instance(error, UserError, String((error as Error).stack));
    return (error as Error).message;
  }
  return assert.unreachable('it was not refused') as never;
}
