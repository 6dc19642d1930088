import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LocalJudge } from '../../../src/web/studio/judge_port.ts';
import { StudioRoom } from '../../../src/web/studio/room.ts';
import type { Judgement, StudioEvent } from '../../../src/web/studio/studio.ts';
import { memoryPage } from '../../page_files.ts';

const page = memoryPage();
const events: StudioEvent[] = [];
const room = new StudioRoom({
  storage: async () => page,
  judge: ({ files }) => new LocalJudge(files),
  versions: { kindred: 'test' },
});

const lastJudged = (quick: boolean): Judgement | undefined =>
  events
    .flatMap((event) => (event.kind === 'judged' && event.quick === quick ? [event.judgement] : []))
    .at(-1);

test('from the demo to labels', async () => {
  const facts = await room.start((event) => events.push(event));
  console.log(facts);
  const state = await room.collect({ kind: 'demo', images: 120 });
  console.log(state.classes, state.images, state.side, state.stage, state.notes);
  let t = performance.now();
  const end = await room.train({ method: 'base' });
  console.log(end, performance.now() - t);
  assert.is(end.state, 'done');
  console.log(lastJudged(false)!.next.slice(0, 3), lastJudged(false)!.enough);
  for (let i = 0; i < 60; i++) {
    t = performance.now();
    await room.answer(i, (i + 5 * Math.floor(i / 6)) % 6, { image: i, reason: '', origin: 'random' });
  }
  console.log('answer ms', performance.now() - t);
  console.log(lastJudged(true)!.counts);
  t = performance.now();
  const { summary, files } = await room.finish();
  console.log(summary, files, performance.now() - t);
  console.log(lastJudged(false)!.enough, lastJudged(false)!.accuracy);
});

test.run();
