import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { saveScan } from '../../../src/app/desk/scan_file.ts';
import { openDeskImages } from '../../../src/app/desk/take_scan.ts';
import { noneOfThese } from '../../../src/data/labels/none_of_these.ts';
import { MemoryError, sentence, UserError } from '../../../src/errors.ts';
import { takeCensus } from '../../../src/label/scan/census.ts';
import { LocalJudge } from '../../../src/web/studio/judge_port.ts';
import { StudioRoom } from '../../../src/web/studio/room.ts';
import { placesOf, readRecord, writeRecord } from '../../../src/web/studio/session_record.ts';
import type { Judgement, SessionState, StudioEvent } from '../../../src/web/studio/studio.ts';
import { type Claims, memoryPage } from '../../page_files.ts';

const images = 30;
const columns = 48;
const claims: Claims = new Set();
const page = memoryPage(claims);

/** What stands for a tab, over the same files. */
async function tabOf(files = page) {
  const events: StudioEvent[] = [];
  const room = new StudioRoom({
    storage: async () => files,
    judge: () => new LocalJudge(files.files),
    versions: {},
  });
  await room.start((event) => events.push(event));
  const judged = async (fits: (judgement: Judgement, quick: boolean) => boolean): Promise<Judgement> => {
    for (;;) {
      const found = events.find((event) => event.kind === 'judged' && fits(event.judgement, event.quick));
      if (found?.kind === 'judged') return found.judgement;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { room, events, judged };
}

/** Puts features in the place of those that an encoder would have made: the kinds of the demo lie apart. */
async function giveFeatures({ id, paths }: SessionState): Promise<void> {
  const places = placesOf(page.files, id);
  const stream = await openDeskImages({ files: page.files }, places.data);
  const values = Float32Array.from({ length: images * columns }, (_, at) => {
    const [image, k] = [Math.floor(at / columns), at % columns];
    return (k % 6 === kindOf(image) ? 2 : 0) + Math.sin(7 * at) / 2;
  });
  assert.is(paths.length, images);
  const census = await takeCensus(stream);
  const made = { values, columns, name: 'made', recipe: undefined, learnedFromLabels: false, census };
  await saveScan(page.files, places.features, made);
  const record = await readRecord(page.files, places);
  await writeRecord(page.files, places, { ...record, stage: 'ready', training: { method: 'base' } });
}

/** Figures of the demo come one kind after another, and each round begins with another. */
const kindOf = (image: number) => (image + 5 * Math.floor(image / 6)) % 6;

const answersOf = ({ id }: SessionState) =>
  page.files.text(`sessions/${id}/answers.csv`).trimEnd().split('\r\n');
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error) => error.message,
  );

let state: SessionState;
let tab: Awaited<ReturnType<typeof tabOf>>;

test('a session is collected, listed, opened and judged from its features', async () => {
  tab = await tabOf();
  state = await tab.room.collect({ kind: 'demo', images });
  assert.is(state.stage, 'collected');
  assert.equal(state.given, new Int32Array(images).fill(-1));
  assert.is(state.encoder, null);
  await giveFeatures(state);
  state = await tab.room.open(state.id);
  assert.is(state.stage, 'ready');
  assert.is(state.encoder, 'made');
  const first = await tab.judged(() => true);
  assert.ok(first.next.length > 0);
  const [listed] = await tab.room.sessions();
  assert.equal([listed!.id, listed!.images, listed!.answers, listed!.inUse], [state.id, images, 0, false]);
});

test('each answer is kept before it resolves, with how the person came to the image, and can be taken back', async () => {
  const { room } = tab;
  await room.answer(3, kindOf(3), { image: 3, reason: '', origin: 'proposed', probability: 0.5 });
  assert.equal(answersOf(state).slice(1), ['demo/train/00003,zigzag,proposed,0.5']);
  await room.answer(4, 'none', 'own');
  await room.answer(5, 'skip', { image: 5, reason: '', origin: 'random' });
  await room.answerAll(Int32Array.of(6, 7), 0);
  assert.equal(answersOf(state).slice(2), [
    'demo/train/00004,none of these,own,',
    'demo/train/00005,,random,',
    'demo/train/00006,ring,proposed,',
    'demo/train/00007,ring,proposed,',
  ]);
  assert.equal(await room.undo(), { images: Int32Array.of(6, 7), answers: [null, null] });
  assert.is(answersOf(state).length, 4);
  assert.match(await refusal(room.answer(images, 0, 'own')), /there is no image 30/);
  assert.match(await refusal(room.answer(0, 9, 'own')), /there is no class 9/);
  assert.is(answersOf(state).length, 4);
});

test('answers are judged at once, and in full behind the last one', async () => {
  const { room, judged } = tab;
  for (let image = 8; image < 26; image++)
    await room.answer(image, kindOf(image), { image, reason: '', origin: 'random' });
  const quick = await judged((judgement, isQuick) => isQuick && judgement.answers === 20);
  const full = await judged((judgement, isQuick) => !isQuick && judgement.answers === 20);
  for (const { predicted, counts } of [quick, full]) {
    assert.is(counts.given, 20);
    for (let image = 26; image < images; image++) assert.is(predicted[image], kindOf(image));
  }
  const asked = [3, 4, 5, ...Array.from({ length: 18 }, (_, at) => 8 + at)];
  assert.not(full.next.some(({ image }) => asked.includes(image)));
  await room.setTarget(0.3);
  const other = await judged((judgement) => judgement.target === 0.3 && judgement.answers === 20);
  assert.is(other.answers, 20);
  assert.match(await refusal(room.setTarget(1)), /between 0 and 1/);
});

test('classes are added and renamed, in the answers too', async () => {
  const { room } = tab;
  assert.is((await room.addClass('spiral')).length, 7);
  await room.renameClass(3, 'lightning');
  assert.is(answersOf(state)[1], 'demo/train/00003,lightning,proposed,0.5');
  assert.match(await refusal(room.addClass('Ring')), /there is a class 'ring' already/);
});

test('a second tab can look, but changes nothing; it takes over when the first one is gone', async () => {
  const second = await tabOf();
  const [listed] = await second.room.sessions();
  assert.ok(listed!.inUse);
  const looked = await second.room.open(state.id);
  assert.ok(looked.readOnly);
  assert.is(looked.classes[3], 'lightning');
  const other = /^another tab has this session open/;
  assert.match(await refusal(second.room.answer(0, 0, 'own')), other);
  assert.match(await refusal(second.room.undo()), other);
  assert.match(await refusal(second.room.addClass('x')), other);
  assert.match(await refusal(second.room.train({ method: 'base' })), other);
  assert.match(await refusal(second.room.remove(state.id)), other);
  assert.is((await second.room.pixels(Int32Array.of(2))).length, 3 * 32 * 32);
  await tab.room.close();
  const taken = await second.room.open(state.id);
  assert.not(taken.readOnly);
  assert.is(taken.answers, 20);
  await second.room.close();
});

test('a later visit can take an answer back, and then says the earlier one; what was taken back stays so', async () => {
  const { room } = await tabOf();
  await room.open(state.id);
  const [before] = answersOf(state).filter((row) => row.includes('00009'));
  await room.answer(9, 'none', 'own');
  await room.answer(27, 1, 'own');
  await room.undo();
  await room.close();
  page.files.content.set(
    placesOf(page.files, state.id).steps,
    new TextEncoder().encode(`${page.files.text(placesOf(page.files, state.id).steps)}[{"image":`),
  );
  const later = await tabOf();
  assert.is((await later.room.open(state.id)).given[9], noneOfThese);
  assert.equal(await later.room.undo(), { images: Int32Array.of(9), answers: [kindOf(9)] });
  assert.equal(
    answersOf(state).filter((row) => row.includes('00009')),
    [before],
  );
  await later.room.close();
});

test('answers that the storage refuses live on in memory, and the page is told', async () => {
  const { room, events } = await tabOf();
  await room.open(state.id);
  const { writeAtomic } = page.files;
  page.files.writeAtomic = async (path, data) => {
    if (path.endsWith('answers.csv')) throw new UserError(`${path} cannot be written, since it is full`);
    return writeAtomic.call(page.files, path, data);
  };
  try {
    await room.answer(0, 0, 'own');
    assert.ok(events.some((event) => event.kind === 'storage' && event.message.includes('it is full')));
  } finally {
    page.files.writeAtomic = writeAtomic;
  }
  // The next one that can be kept keeps all.
  await room.answer(1, 1, 'own');
  assert.ok(answersOf(state).includes('demo/train/00000,ring,own,'));
  await room.close();
});

test('a training that fails says why, proposes a smaller batch where memory ran out, and leaves what there was', async () => {
  const { room } = await tabOf();
  await room.open(state.id);
  const wrong = await room.train({ method: 'simclr', batch: 1 });
  assert.is(wrong.state, 'failed');
  assert.match(wrong.message!, /^batch 1 cannot be: give a whole number from 2/);
  const { writeAtomic } = page.files;
  page.files.writeAtomic = async (path, data) => {
    if (path.endsWith('config.json')) throw new MemoryError(sentence`the adapter has too little memory left`);
    return writeAtomic.call(page.files, path, data);
  };
  try {
    const full = await room.train({ method: 'simclr', batch: 12, width: 1, epochs: 1 });
    assert.equal(full, {
      state: 'failed',
      stage: 'ready',
      message: 'the adapter has too little memory left',
      smallerBatch: 6,
    });
  } finally {
    page.files.writeAtomic = writeAtomic;
  }
  const opened = await room.open(state.id);
  assert.is(opened.stage, 'ready');
  assert.is(opened.encoder, 'made');
  await room.close();
});

test('what is taken home is everything but what is made again, and comes back as a session', async () => {
  const { room } = await tabOf();
  await room.open(state.id);
  const { name, blob } = await room.takeHome('session');
  assert.is(name, 'demo.zip');
  assert.ok(blob.size > images * 3 * 32 * 32);
  assert.match(await refusal(room.takeHome('labels.csv')), /^there is no labels.csv yet/);
  await room.close();

  const folder = `sessions/${state.id}/`;
  const files = [...page.files.content]
    .filter(([path]) => path.startsWith(folder) && !path.includes('/features/'))
    .map(([path, bytes]) => ({
      path: `home/${path.slice(folder.length)}`,
      file: new File([bytes as Uint8Array<ArrayBuffer>], 'x'),
    }));
  const elsewhere = await tabOf(memoryPage());
  const back = await elsewhere.room.collect({ kind: 'files', name: 'home', files });
  assert.is(back.name, 'demo');
  assert.is(back.stage, 'paused');
  assert.is(back.answers, 22);
  assert.equal(back.classes, ['ring', 'cross', 'star', 'lightning', 'crescent', 'dotted triangle', 'spiral']);
});

test('a session is deleted with all its files', async () => {
  const { room } = await tabOf();
  await room.remove(state.id);
  assert.equal([...page.files.content.keys()], []);
  assert.equal(await room.sessions(), []);
  assert.match(await refusal(room.open(state.id)), /there is no such session any more/);
});

test.run();
