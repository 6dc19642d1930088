import type { Command } from 'commander';
import { platform } from '#platform';
import { contactSheet } from '../data/contact_sheet.ts';
import type { ImageStream } from '../data/sources/image_stream.ts';
import { loadImages } from '../data/sources/read_images.ts';
import { readHead, readWeights } from '../encoder/read_weights.ts';
import { keepFilled } from '../label/files/keep_filled.ts';
import { nextCsv } from '../label/files/run_files.ts';
import type { NextImage } from '../label/findings/acquisition.ts';
import { proposeImages } from '../label/findings/propose.ts';
import type { Speed } from '../label/pace.ts';
import { imagesToLabel } from '../label/scan/census.ts';
import { encodeImages, encoderOrigin, scanImages } from '../label/scan/encoder_scan.ts';
import { chooseTask } from '../label/task.ts';
import { terminal } from '../platform/node_terminal.ts';
import { findLabels } from './find_labels.ts';
import { addTuneOptions, type TuneOptions, whole } from './options.ts';
import { describeStage, ProgressLine } from './progress.ts';
import { hasGiven, readGiven, readPretext, readStoredRun } from './run_folder.ts';
import { openRunImages } from './run_labels.ts';
import { checkOptions, openEngine, writing } from './session.ts';

interface NextCommandOptions extends TuneOptions {
  readonly run: string;
  readonly data?: string;
  readonly budget: number;
  readonly seed?: number;
}

export function registerNext(program: Command): void {
  const command = program
    .command('next')
    .description(
      'which images of a run to label next, most useful first: next.csv to fill in, and next.png to look at',
    )
    .requiredOption(
      '--run <folder>',
      'a run of train, label or pretrain; without any label yet, where to begin',
    )
    .option('--data <source>', "where the images are now, or more of them (default: the run's)")
    .option('--budget <n>', 'images to propose', whole(1, 10_000), 40)
    .option('--seed <n>', "of the clusters (default: the run's)", whole(0));
  addTuneOptions(command).action(run);
}

async function run(options: NextCommandOptions): Promise<void> {
  const { files } = platform;
  const stored = await readStoredRun(options.run);
  const { imageSize } = stored.settings;
  const pretext = await readPretext(options.run);
  const labeller = await readLabeller(options.run);
  const { labels } = stored.options;
  if (labels !== undefined && !(await hasGiven(options.run)))
    await checkOptions({ data: stored.options.data, seed: stored.options.seed, labels });
  const engine = await openEngine(options);
  try {
    const stream = await openRunImages(
      { ...stored.options, data: options.data ?? stored.options.data },
      imageSize,
    );
    terminal.note(`data: ${stream.description}`);
    const found = await findLabels(stream, stored.options, {
      labelsRequired: false,
      earlier: (images) => readGiven(options.run, images),
    });
    const { pool: poolLimit } = stored.limits;
    const { given, classes } = chooseTask(found.known, { ...found, poolLimit, seed: stored.options.seed });
    const line = new ProgressLine();
    const onProgress = (done: number, total: number, speed: Speed) =>
      line.show(describeStage('features', done, total, speed));
    const { census, features: base } = await scanImages(
      engine,
      encoderOrigin(pretext.name, pretext, imageSize),
      stream,
      { onProgress },
    );
    const labelled =
      labeller &&
      (await encodeImages(engine, encoderOrigin('', labeller, imageSize), stream, { onProgress }));
    const next = proposeImages({
      census,
      base,
      ...(labeller && labelled && { labeller: { ...labeller, features: labelled } }),
      images: imagesToLabel(stream, census),
      given,
      classes: labeller?.classes ?? classes,
      budget: options.budget,
      seed: options.seed ?? stored.options.seed,
    });
    if (next.length === 0) {
      terminal.print('every image that can be proposed has a label already');
      return;
    }
    const listed = next.map(({ image, reason }) => ({ image, reason, path: stream.paths[image]! }));
    await writing(options.run, async () => {
      for (const kept of await keepFilled({ files, folder: options.run }, ['next.csv']))
        terminal.note(`kept in ${options.run}: ${kept}, with what was filled in`);
      await files.writeAtomic(files.join(options.run, 'next.csv'), nextCsv(listed));
      await files.writeAtomic(files.join(options.run, 'next.png'), await sheet(stream, next));
    });
    for (const { path, reason } of listed.slice(0, 10)) terminal.print(`${path}: ${reason}`);
    if (listed.length > 10) terminal.print(`and ${listed.length - 10} more`);
    terminal.note(
      `saved in ${options.run}: next.csv (fill in the labels, then label --labels next.csv), next.png`,
    );
  } finally {
    engine.destroy();
  }
}

/** The encoder and the classifier of a run that has labelled. */
async function readLabeller(run: string) {
  const { files } = platform;
  const [encoder, head] = [files.join(run, 'encoder.safetensors'), files.join(run, 'head.safetensors')];
  if ((await files.stat(head))?.kind !== 'file' || (await files.stat(encoder))?.kind !== 'file')
    return undefined;
  const { classes, temperature, ...layer } = readHead(await files.read(head), head);
  return { ...readWeights(await files.read(encoder), encoder), head: layer, classes, temperature };
}

const imagesARow = 8;

/** The proposed images in their order, row by row. */
async function sheet(stream: ImageStream, next: readonly NextImage[]): Promise<Uint8Array> {
  const { pixels } = await loadImages(
    stream,
    Int32Array.from(next, ({ image }) => image),
  );
  const bytes = 3 * stream.size ** 2;
  const rows: Uint8Array[][][] = [];
  next.forEach((_, at) => {
    if (at % imagesARow === 0) rows.push([[]]);
    rows.at(-1)![0]!.push(pixels.subarray(at * bytes, (at + 1) * bytes));
  });
  return contactSheet(rows, stream.size);
}
