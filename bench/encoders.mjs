// What is an encoder worth? For each start: features a second, and over many draws of few labels the accuracy on the
// hidden rest, the share of images labelled automatically at a promised error, and whether the promise held.
//
//   node bench/encoders.mjs --data SOURCE [--encoders base,net.pth,RUN --features f.npy --perClass 4,10,25 --draws 10]
//
// SOURCE knows its labels: a set like cifar10:DIR, or a folder whose sub-folders are the labels. A run's folder stands for
// its encoder, say SimCLR's. `--scratch N` adds supervised training from scratch on the first N draws, which is slow.
import { loadKindred, options, percent, printTable } from './support.mjs';

const settings = options({
  data: '',
  encoders: 'base',
  features: '',
  featurePaths: '',
  perClass: '4,10,25',
  draws: 10,
  targets: '5%',
  limit: 0,
  /** Side of the images that supervised training from scratch sees, in pixels. */
  imageSize: 32,
  /** Channels of the network of supervised training from scratch. */
  width: 16,
  /** Draws of supervised training from scratch, and its steps of 32 images. */
  scratch: 0,
  steps: 300,
});
if (!settings.data) throw new Error('give --data, whose labels are known');
const k = await loadKindred(settings.build);
const { files } = k.platform;
const note = (text) => console.error(String(text));
const reporter = { note, progress: () => {}, stoppable: () => {}, signal: new AbortController().signal };
const context = { files, reporter, command: [], versions: {} };
const share = (text) => (text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text));

const engine = await k.Engine.create();
const source = await k.openStream(settings.data, {
  files,
  imageSize: settings.imageSize,
  ...(settings.limit > 0 && { limit: settings.limit }),
});
const truth = source.classes.length > 0 ? source : k.folderLabels(source);
const stream = { ...source, classes: truth.classes, labels: truth.labels };
const perClass = settings.perClass.split(',').map(Number);
const targets = settings.targets.split(',');
const numberOf = new Map(stream.paths.map((path, image) => [path, image]));
const drawn = (count, seed) => k.chooseTask(stream, { perClass: count, seed });

/** Features of every image, by each start in its turn. */
async function scans() {
  const all = [];
  const asked = settings.encoders.split(',').filter((name) => name !== '' && name !== 'none');
  const wanted = [
    ...(settings.features
      ? [
          {
            features: settings.features,
            ...(settings.featurePaths && { featurePaths: settings.featurePaths }),
          },
        ]
      : []),
    ...asked.map((encoder) => ({ encoder })),
  ];
  // What nothing says of a recipe is chosen by the labels of one draw of the most.
  const task = drawn(Math.max(...perClass), 0);
  let census;
  for (const start of wanted) {
    const given = await k.readGivenStarts(context, start);
    for (const known of await k.givenStarts(
      context,
      given,
      { engine, stream, task },
      { data: settings.data, seed: 0 },
    )) {
      const began = performance.now();
      const cpu = process.cpuUsage();
      const scan = await known.scan(stream, { census: census === undefined });
      const { user, system } = process.cpuUsage(cpu);
      census ??= scan.census ?? (await k.takeCensus(stream));
      const seconds = (performance.now() - began) / 1e3;
      all.push({ features: scan.features, seconds, processor: (user + system) / 1e6 });
    }
  }
  return { all, census };
}

/** One draw labelled at each target: accuracy on the hidden images, share automatic among them, error among these. */
async function labelOnce(task, start, seed) {
  const inputs = {
    stream,
    task,
    starts: [start],
    settings: { methods: ['probe'], folds: 5, targetError: share(targets[0]), budget: 1, map: false, seed },
    training: null,
    provenance: { command: [], seed, versions: {}, adapter: '' },
    onStage: () => {},
  };
  const evidence = await k.gatherEvidence(inputs);
  return targets.map((target) => {
    const settings = { ...inputs.settings, targetError: share(target) };
    return score(task, k.labelByEvidence({ ...inputs, settings }, evidence).labels);
  });
}

/** Labels against the truth that the task hides. */
function score(task, labels) {
  let [hidden, right, auto, wrong] = [0, 0, 0, 0];
  for (const { path, label, status } of labels) {
    const image = numberOf.get(path);
    if (task.given[image] >= 0) continue;
    const isRight = label === stream.classes[truth.labels[image]];
    hidden++;
    if (isRight) right++;
    if (status !== 'auto') continue;
    auto++;
    if (!isRight) wrong++;
  }
  return { accuracy: right / hidden, automatic: auto / hidden, error: auto > 0 ? wrong / auto : 0 };
}

/** Accuracy on the hidden images of a network trained on the draw's labels alone; without folds nothing is promised. */
async function fromScratch(task, pixels, images, seed) {
  const networks = {
    engine,
    pool: { pixels, size: stream.size, positions: images },
    architecture: { depth: 18, width: settings.width, stem: settings.imageSize <= 48 ? 'cifar' : 'imagenet' },
    imageSize: settings.imageSize,
    policy: k.presets.weak,
    batch: 32,
    steps: settings.steps,
    heldOutOnly: true,
  };
  const groups = Int32Array.from(images.keys());
  const [method] = await k.createMethods(
    { stream, task, groups, starts: [], networks, seed, onStage: () => {} },
    ['supervised'],
  );
  const queries = images.filter((image) => task.given[image] < 0);
  const request = { queries, seed, stage: 'from scratch', onStage: () => {} };
  const logits = await k.fitDraw(method, k.labelledSet(task.given), request);
  method.destroy();
  const known = queries.map((image) => truth.labels[image]);
  return mean([...k.hits(logits, known, stream.classes.length)]);
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rows = [];
function summarise(start, count, target, results) {
  const accuracies = results.map(({ accuracy }) => accuracy);
  rows.push({
    start,
    'labels a class': count,
    draws: results.length,
    accuracy: percent(mean(accuracies)),
    'worst – best': `${percent(Math.min(...accuracies))} – ${percent(Math.max(...accuracies))}`,
    target,
    automatic: percent(mean(results.map(({ automatic }) => automatic))),
    'error of these': percent(mean(results.map(({ error }) => error))),
    kept: `${results.filter(({ error }) => error <= share(target)).length} of ${results.length}`,
  });
  note(JSON.stringify(rows.at(-1)));
}

const { all, census } = await scans();
for (const { features, seconds, processor } of all) {
  const { name } = features.origin;
  const count = stream.paths.length;
  note(
    `${name}: ${(count / seconds).toFixed(1)} images/s, ${(count / processor).toFixed(1)} a processor-second`,
  );
  for (const labels of perClass) {
    const draws = [];
    for (let seed = 0; seed < settings.draws; seed++)
      draws.push(await labelOnce(drawn(labels, seed), k.knownStart(features, census), seed));
    for (const [at, target] of targets.entries()) {
      const results = draws.map((scores) => scores[at]);
      summarise(name, labels, target, results);
    }
  }
}
if (settings.scratch > 0) {
  const images = Int32Array.from(stream.paths.keys());
  const { pixels } = await k.loadImages(stream, images);
  for (const labels of perClass) {
    const accuracies = [];
    for (let seed = 0; seed < settings.scratch; seed++)
      accuracies.push(await fromScratch(drawn(labels, seed), pixels, images, seed));
    rows.push({
      start: 'supervised from scratch',
      'labels a class': labels,
      draws: accuracies.length,
      accuracy: percent(mean(accuracies)),
      'worst – best': `${percent(Math.min(...accuracies))} – ${percent(Math.max(...accuracies))}`,
    });
    note(JSON.stringify(rows.at(-1)));
  }
}
if (settings.json) console.log(JSON.stringify({ data: stream.description, rows }));
else printTable(rows);
engine.destroy();
