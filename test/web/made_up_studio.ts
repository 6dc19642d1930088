/*
 * A studio for tests of what the page shows: it keeps to the interface and tells made-up figures at once, so that every
 * screen can be looked at with any number of images and without a GPU. Bundled in place of the page's own worker; a
 * global `problem` in front of it stands for a browser without WebGPU, `isHardware` for one with a graphics card.
 */
import { expose, transfer } from 'comlink';
import { noneOfThese } from '../../src/data/labels/none_of_these.ts';
import { statuses } from '../../src/data/labels/status.ts';
import type {
  Answer,
  DroppedSource,
  Judgement,
  SessionState,
  Studio,
  StudioEvent,
  TrainingEnd,
} from '../../src/web/studio/studio.ts';

const side = 32;
const classes = ['ring', 'cross', 'star'];
let tell: (event: StudioEvent) => void = () => {};
let session: SessionState | undefined;
let steps: { readonly images: Int32Array; readonly before: Int32Array }[] = [];

function open(name: string, images: number): SessionState {
  session = {
    id: 'made-up',
    name,
    created: '2026-01-02T03:04:05.000Z',
    images,
    answers: 0,
    stage: 'collected',
    inUse: false,
    side,
    paths: Array.from({ length: images }, (_, i) => `folder/image-${String(i).padStart(5, '0')}.png`),
    unreadable: [
      {
        path: 'folder/a-file-with-quite-a-long-name-that-somebody-gave-it.jpg',
        reason: 'truncated or damaged',
      },
    ],
    classes,
    given: new Int32Array(images).fill(-1),
    encoder: null,
    readOnly: name === 'read only',
    notes: ['2 files of other kinds are left out'],
  };
  steps = [];
  return session;
}

function current(): SessionState {
  if (!session) throw new Error('no session is open');
  return session;
}

/** Three rings of points, one for each class. */
function map(spread: number): void {
  const { images } = current();
  const points = new Float32Array(2 * images);
  for (let i = 0; i < images; i++) {
    const angle = 2.4 * i;
    const [x, y] = [Math.cos(2.1 * (i % 3)), Math.sin(2.1 * (i % 3))];
    points[2 * i] = 0.55 * spread * x + 0.35 * Math.cos(angle) * (i % 7) * 0.15;
    points[2 * i + 1] = 0.55 * spread * y + 0.35 * Math.sin(angle) * (i % 7) * 0.15;
  }
  tell({ kind: 'map', images: Int32Array.from({ length: images }, (_, i) => i), points });
}

function judge(): void {
  const { images, given } = current();
  const predicted = new Int16Array(images);
  const confidence = new Float32Array(images);
  const status = new Uint8Array(images);
  const counts: Record<string, number> = {};
  for (let i = 0; i < images; i++) {
    predicted[i] = given[i] === -1 ? i % 3 : given[i]!;
    confidence[i] = given[i] === -1 ? 0.4 + (0.6 * ((i * 7919) % 1000)) / 1000 : 1;
    const name =
      given[i] !== -1 ? 'given' : i % 97 === 96 ? 'outlier' : confidence[i]! > 0.9 ? 'auto' : 'review';
    status[i] = statuses.indexOf(name);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  const free = [...given.keys()].filter((i) => given[i] === -1);
  const labelled = [...given.keys()].filter((i) => given[i]! >= 0);
  const judgement: Judgement = {
    answers: images - free.length,
    predicted,
    confidence,
    status,
    counts,
    promise: 'at most 5% of the automatic labels are wrong, with 95% confidence',
    kept: labelled.length > 4,
    target: 0.05,
    enough: 'some 20 more labels would make about half of the labels automatic',
    accuracy: { estimate: 0.87, interval: [0.81, 0.92] },
    next: free
      .slice(0, 40)
      .map((image) => ({ image, reason: 'unlike what is labelled', origin: 'proposed' })),
    suspects: labelled
      .slice(0, 2)
      .map((image) => ({ image, given: given[image]!, likely: (given[image]! + 1) % 3 })),
    newGroups: [free.slice(50, 57), free.slice(60, 63)],
    warnings: ['the class star has few labels'],
  };
  tell({ kind: 'judged', quick: false, judgement });
}

const studio: Studio = {
  async start(watch) {
    tell = watch;
    const { problem = null, isHardware = false } = globalThis as { problem?: string; isHardware?: boolean };
    return {
      adapter: problem === null ? 'a made-up adapter' : null,
      software: !isHardware,
      problem,
      storage: 'memory',
      persisted: false,
    };
  },
  async sessions() {
    return session ? [session] : [];
  },
  async collect(source: DroppedSource) {
    if (source.kind === 'demo') return open('read only', 30);
    const files = source.kind === 'files' ? source.files.length : 0;
    return open('images', files > 2 ? 10_000 : files > 1 ? 20_000 : 90);
  },
  async open() {
    return current();
  },
  async close() {},
  async remove() {
    session = undefined;
  },
  async pixels(images) {
    const bytes = 3 * side * side;
    const pixels = new Uint8Array(images.length * bytes);
    images.forEach((image, at) => {
      for (let i = 0; i < bytes; i++) pixels[at * bytes + i] = (image * 37 + i * (1 + (image % 3))) % 251;
    });
    return transfer(pixels, [pixels.buffer]);
  },
  async pairs(_, images) {
    const thrice = Int32Array.from({ length: 3 * images.length }, (_, i) => images[Math.floor(i / 3)]!);
    return { pixels: await studio.pixels(thrice), side };
  },
  async train(choice): Promise<TrainingEnd> {
    if (choice.batch === 7)
      return { state: 'failed', stage: 'collected', message: 'the memory ran out', smallerBatch: 4 };
    const epochs = choice.epochs ?? 0;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const figures = { loss: 4 - epoch / epochs, chanceLoss: 4.14, knnAccuracy: 0.5, imagesPerSecond: 300 };
      tell({
        kind: 'progress',
        stage: 'SimCLR',
        done: epoch,
        total: epochs,
        imagesPerSecond: 300,
        secondsLeft: 2,
      });
      tell({ kind: 'epoch', epoch, epochs, ...figures });
      map(epoch / epochs);
    }
    session = { ...current(), stage: 'ready' };
    map(1);
    judge();
    return { state: 'done', stage: 'ready' };
  },
  resume: async () => ({ state: 'done', stage: 'ready' }),
  async pause() {},
  async addClass(name) {
    session = { ...current(), classes: [...current().classes, name] };
    return session.classes;
  },
  async renameClass(index, name) {
    session = { ...current(), classes: current().classes.with(index, name) };
    return session.classes;
  },
  answer: (image, answer) => studio.answerAll(Int32Array.of(image), answer),
  async answerAll(images, answer: Answer) {
    const { given } = current();
    steps.push({ images, before: images.map((image) => given[image]!) });
    if (answer !== 'skip')
      for (const image of images) given[image] = answer === 'none' ? noneOfThese : answer;
    judge();
  },
  async undo() {
    const step = steps.pop();
    step?.images.forEach((image, i) => {
      current().given[image] = step.before[i]!;
    });
    judge();
    const images = step?.images ?? new Int32Array(0);
    const nameOf = (label: number) => (label === noneOfThese ? 'none' : label < 0 ? null : label);
    return { images, answers: Array.from(step?.before ?? [], nameOf) };
  },
  setTarget: async () => judge(),
  finish: async () => ({ files: ['labels.csv'], summary: '3 given, 20 automatic, 67 to review' }),
  takeHome: async () => {
    throw new Error('nothing was written that could be taken home');
  },
  saveInto: async () => 0,
};

expose(studio);
