// A world's labelling as a user would have it: images, some of their labels, and what comes of them at each target.

/**
 * A source whose labels are known, as one encoder and the census see it.
 * @param limit training images to take, those of the test part beside; 0 for all
 */
export async function readWorld(k, { data, encoder, limit }) {
  const { files } = k.platform;
  const reporter = {
    note: (text) => console.error(String(text)),
    progress: () => {},
    stoppable: () => {},
    signal: new AbortController().signal,
  };
  const context = { files, reporter, command: [], versions: {} };
  const engine = await k.Engine.create();
  const source = await k.openStream(data, {
    files,
    imageSize: 32,
    ...(limit > 0 && { limit, testLimit: 1e9 }),
  });
  const truth = source.classes.length > 0 ? source : k.folderLabels(source);
  const stream = { ...source, classes: truth.classes, labels: truth.labels };
  const task = k.chooseTask(stream, { perClass: 10, seed: 0 });
  const given = await k.readGivenStarts(context, { encoder });
  const asked = { data, seed: 0 };
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
    partition: stream.partition,
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

/** The promised error of runs that only ask or draw. */
const usualTarget = 0.05;

/** What the labelling of a world takes. */
function inputsOf(k, { world, given, origins, starts = [] }, targetError, seed, budget = 1) {
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
    settings: { methods: ['probe'], folds: 5, targetError, budget, map: false, seed },
    training: null,
    provenance: { command: [], seed, versions: {}, adapter: '' },
    onStage: () => {},
  };
}

/** Whose labels the situation asks for: round by round what the run proposes next, or automatic ones that it drew for an audit. */
export async function asked(k, situation) {
  const { world, rounds = 0, budget = 0, audited = 0 } = situation;
  const given = situation.given.slice();
  const origins = new Map(situation.origins);
  const label = (image, { origin, probability }) => {
    given[image] = world.truth[image];
    origins.set(image, { origin, ...(probability !== undefined && { probability }) });
  };
  for (let round = 0; round < rounds; round++) {
    const { report } = await k.labelImages(
      inputsOf(k, { ...situation, given, origins }, usualTarget, 0, budget),
    );
    for (const proposal of report.next) label(proposal.image, proposal);
  }
  if (audited > 0) {
    const { labels } = await k.labelImages(inputsOf(k, { ...situation, given, origins }, 0.2, 0));
    const automatic = labels.flatMap(({ status }, image) => (status === 'auto' ? [image] : []));
    for (const image of new k.Random(0, 3).shuffle(automatic).slice(0, audited))
      label(image, { origin: 'audit' });
  }
  return { ...situation, given, origins };
}

/** Labels the rest of a world, at each target. @param audit what is checked of each, where anything is */
export async function labelAt(k, situation, targets, seed, audit) {
  const { world, given } = situation;
  const inputs = inputsOf(k, situation, targets[0], seed);
  const evidence = await k.gatherEvidence(inputs);
  const found = targets.map(async (targetError) => {
    const labelled = k.labelByEvidence(
      { ...inputs, settings: { ...inputs.settings, targetError } },
      evidence,
    );
    const { labels, report } = audit
      ? await auditedBy(k, labelled, world, audit, targetError, seed)
      : labelled;
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
      labels,
      report,
      novelty: labelled.novelty,
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
async function auditedBy(k, { labels, report }, world, { rows, returns }, target, seed) {
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
