// Does a promise survive? For each situation in which people label, over many draws: how often a promise of at most 5, 10
// and 20% wrong among the automatic labels was given, and how often it was false by the hidden truth.
//
//   node bench/promise.mjs [--draws 40 --labels 25 --only patients,random --targets 5%,10%,20%]
//   node bench/promise.mjs --data cifar10:DIR --encoder net.pth [--classes 3 --images 1200]
//
// Without --data images are drawn: as many features as an encoder gives, in overlapping classes. With it each draw is
// another part of that source. A promise counts as given where a label is automatic, as false where a larger share of them is
// wrong; of an audit by what it was drawn from, before the check. `said` counts the draws whose report holds a warning that names the situation.
import { situations } from './promise/situations.mjs';
import { chosenOf, drawnWorld } from './promise/worlds.mjs';
import { loadKindred, options, percent, printTable } from './support.mjs';

const settings = options({
  data: '',
  encoder: 'base',
  classes: 3,
  images: 1200,
  labels: 25,
  draws: 40,
  first: 0,
  only: '',
  targets: '5%,10%,20%',
});
const k = await loadKindred(settings.build);
const targets = settings.targets.split(',').map((text) => Number(text.replace('%', '')) / 100);

const whole = settings.data ? await readWorld() : undefined;
/** The images of one draw, the same for every situation. */
function worldOf(seed) {
  const { images, classes } = settings;
  if (!whole) return drawnWorld(k, { images, classes, seed });
  const random = new k.Random(seed, 1);
  const able = [...whole.truth.keys()].filter((image) => whole.truth[image] < classes);
  const part = chosenOf(whole, random.shuffle(able).slice(0, images));
  return { ...part, classes: whole.classes.slice(0, classes), brightness: brightnessOf(part) };
}

const brightnessOf = ({ thumbnails }) =>
  Float32Array.from({ length: thumbnails.length / 256 }, (_, image) =>
    thumbnails.subarray(256 * image, 256 * (image + 1)).reduce((sum, value) => sum + value, 0),
  );

/** A source whose labels are known, as one encoder and the census see it. */
async function readWorld() {
  const { files } = k.platform;
  const reporter = {
    note: (text) => console.error(String(text)),
    progress: () => {},
    stoppable: () => {},
    signal: new AbortController().signal,
  };
  const context = { files, reporter, command: [], versions: {} };
  const engine = await k.Engine.create();
  const source = await k.openStream(settings.data, { files, imageSize: 32 });
  const truth = source.classes.length > 0 ? source : k.folderLabels(source);
  const stream = { ...source, classes: truth.classes, labels: truth.labels };
  const task = k.chooseTask(stream, { perClass: 10, seed: 0 });
  const given = await k.readGivenStarts(context, { encoder: settings.encoder });
  const asked = { data: settings.data, seed: 0 };
  const [start] = await k.givenStarts(context, given, { engine, stream, task }, asked);
  const { features, census } = await start.scan(stream, { census: true });
  engine.destroy();
  return {
    columns: features.columns,
    features: features.values,
    thumbnails: census.thumbnails,
    hashes: census.hashes,
    paths: stream.paths,
    truth: Int32Array.from(truth.labels),
    classes: truth.classes,
  };
}

/** The images of a world as a source that nobody need read: its census is known. */
function streamOf({ paths, truth, classes }) {
  const stream = {
    name: 'drawn',
    description: 'drawn',
    size: 16,
    paths,
    partition: Array.from(truth, () => 'train'),
    labels: truth,
    classes,
    unreadable: [],
    omitted: [],
    read: async () => {
      throw new Error('the images of this bench have no pixels');
    },
    resized: () => stream,
  };
  return stream;
}

/** What the labelling of a world takes. */
function inputsOf({ world, given, origins, starts = [] }, seed, budget = 1) {
  const stream = streamOf(world);
  const census = {
    hashes: world.hashes,
    thumbnails: world.thumbnails,
    readable: new Uint8Array(world.paths.length).fill(1),
    unreadable: [],
    fingerprint: '',
  };
  const all = [world.features, ...starts].map((values, at) =>
    k.knownStart({ values, columns: world.columns, origin: { name: `features ${at + 1}` } }, census),
  );
  return {
    stream,
    task: k.chooseTask({ ...stream, labels: world.truth }, { given, origins, seed: 0 }),
    starts: all,
    settings: { methods: ['probe'], folds: 5, targetError: targets[0], budget, map: false, seed },
    training: null,
    provenance: { command: [], seed, versions: {}, adapter: '' },
    onStage: () => {},
  };
}

/** Whose labels the situation asks for: round by round what the run proposes next, or automatic ones that it drew for an audit. */
async function asked(situation) {
  const { world, rounds = 0, budget = 0, audited = 0 } = situation;
  const given = situation.given.slice();
  const origins = new Map(situation.origins);
  const label = (image, { origin, probability }) => {
    given[image] = world.truth[image];
    origins.set(image, { origin, ...(probability !== undefined && { probability }) });
  };
  for (let round = 0; round < rounds; round++) {
    const { report } = await k.labelImages(inputsOf({ ...situation, given, origins }, 0, budget));
    for (const proposal of report.next) label(proposal.image, proposal);
  }
  if (audited > 0) {
    const inputs = inputsOf({ ...situation, given, origins }, 0);
    const { labels } = await k.labelImages({ ...inputs, settings: { ...inputs.settings, targetError: 0.2 } });
    const automatic = labels.flatMap(({ status }, image) => (status === 'auto' ? [image] : []));
    for (const image of new k.Random(0, 3).shuffle(automatic).slice(0, audited))
      label(image, { origin: 'audit' });
  }
  return { ...situation, given, origins };
}

/** Labels the rest of a world, at each target. */
async function labelAt(situation, seed, audit) {
  const { world, given } = situation;
  const inputs = inputsOf(situation, seed);
  const evidence = await k.gatherEvidence(inputs);
  const found = targets.map(async (targetError) => {
    const labelled = k.labelByEvidence(
      { ...inputs, settings: { ...inputs.settings, targetError } },
      evidence,
    );
    const { labels, report } = audit ? await auditedBy(labelled, world, audit, targetError, seed) : labelled;
    const automatic = labels.flatMap(({ status, label }, image) =>
      status === 'auto' ? [label === world.classes[world.truth[image]]] : [],
    );
    const open = given.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0);
    const wrong = automatic.filter((right) => !right).length;
    return {
      share: automatic.length / open,
      error: wrong / Math.max(1, automatic.length),
      warnings: report.warnings,
      accuracy: report.folderAccuracy,
      right: rightOf(labels, given, world),
    };
  });
  return Promise.all(found);
}

/** Share of the images without a label that are named rightly. */
function rightOf(labels, given, world) {
  const open = labels.flatMap(({ label }, image) =>
    given[image] < 0 ? [label === world.classes[world.truth[image]]] : [],
  );
  return open.filter(Boolean).length / open.length;
}

/** What a checked sample makes of a run's labels, the audited ones as they were before the check. */
async function auditedBy({ labels, report }, world, { rows, returns }, target, seed) {
  const drawnAt = k.auditedFrom(report);
  if (drawnAt === null) return { labels, report };
  const images = Int32Array.from(labels.keys());
  const draw = await k.drawAudit(labels, rows, undefined, drawnAt);
  const imageOf = new Map(labels.map(({ path }, image) => [path, image]));
  const truthOf = (path) => world.classes[world.truth[imageOf.get(path)]];
  const answers = draw.rows.map(({ path }) => truthOf(path));
  const right = draw.rows.map(({ path, label }) => label === truthOf(path));
  let taken;
  for (const part of returns(answers, right, new k.Random(seed, 3))) {
    const full = answers.map((_, row) => part[row] ?? null);
    taken = k.takeAudit(report, labels, images, draw, full, { target, drawnAt, earlier: 0 });
    if (taken.report.auditSample.kept) break;
  }
  const { threshold } = taken;
  const before = labels.map((label) =>
    label.status === 'auto' || label.status === 'review'
      ? { ...label, status: threshold !== null && label.confidence >= threshold ? 'auto' : 'review' }
      : label,
  );
  return { labels: before, report: taken.report };
}

/** What a user would take who tries seeds until the most is automatic, at each target. */
async function bestOf(situation, seeds, audit) {
  const tries = [];
  for (let seed = 0; seed < seeds; seed++) tries.push(await labelAt(situation, seed, audit));
  return targets.map((_, at) => tries.map((each) => each[at]).reduce((a, b) => (b.share > a.share ? b : a)));
}

const names = settings.only === '' ? Object.keys(situations) : settings.only.split(',');
/** How often the shown interval of the accuracy holds the share of the other images that is right. */
const holds = (own) =>
  own.filter(({ accuracy, right }) => {
    const [low, high] = accuracy?.interval ?? [0, 1];
    return low <= right && right <= high;
  }).length;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const rows = [];
for (const name of names) {
  const { draw, warns, audit } = situations[name];
  const results = [];
  for (let seed = settings.first; seed < settings.first + settings.draws; seed++) {
    const situation = await asked(draw(worldOf(seed), new k.Random(seed, 2), settings.labels, k));
    results.push(await bestOf(situation, situation.seeds ?? 1, audit));
  }
  for (const [at, target] of targets.entries()) {
    const own = results.map((result) => result[at]);
    const promised = own.filter(({ share }) => share > 0);
    rows.push({
      situation: name,
      target: percent(target),
      promised: `${promised.length} of ${own.length}`,
      false: promised.filter(({ error }) => error > target).length,
      automatic: percent(mean(own.map(({ share }) => share))),
      'wrong of these': promised.length > 0 ? percent(mean(promised.map(({ error }) => error))) : '–',
      'shown accuracy holds': `${holds(own)} of ${own.length}`,
      said: warns ? own.filter(({ warnings }) => warnings.some((text) => warns.test(text))).length : '',
    });
    console.error(JSON.stringify(rows.at(-1)));
  }
}
if (settings.json) console.log(JSON.stringify({ settings, rows }));
else printTable(rows);
