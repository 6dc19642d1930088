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

/** Labels the rest of a world, at each target. */
export async function labelAt(k, { world, given, starts = [] }, targets, seed) {
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
  const inputs = {
    stream,
    task: k.chooseTask({ ...stream, labels: world.truth }, { given, seed: 0 }),
    starts: all,
    settings: { methods: ['probe'], folds: 5, targetError: targets[0], budget: 1, map: false, seed },
    training: null,
    provenance: { command: [], seed, versions: {}, adapter: '' },
    onStage: () => {},
  };
  const evidence = await k.gatherEvidence(inputs);
  return targets.map((targetError) => {
    const { labels, report, novelty } = k.labelByEvidence(
      { ...inputs, settings: { ...inputs.settings, targetError } },
      evidence,
    );
    const automatic = labels.flatMap(({ status, label }, image) =>
      status === 'auto' ? [label === world.classes[world.truth[image]]] : [],
    );
    const open = given.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0);
    const wrong = automatic.filter((right) => !right).length;
    return {
      share: automatic.length / open,
      error: wrong / Math.max(1, automatic.length),
      warnings: report.warnings,
      labels,
      report,
      novelty,
    };
  });
}
