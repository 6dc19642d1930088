import type { Engine } from '../../autograd/engine.ts';
import { contactSheet } from '../../data/contact_sheet.ts';
import type { NamedImages } from '../../data/labels/given_rows.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import { loadImages } from '../../data/sources/read_images.ts';
import { readHead } from '../../encoder/classifier_head.ts';
import { readWeights } from '../../encoder/encoder_weights.ts';
import { keepFilled } from '../../label/files/keep_filled.ts';
import { writeNext } from '../../label/files/next_files.ts';
import type { NextImage } from '../../label/findings/acquisition.ts';
import { proposeImages } from '../../label/findings/propose.ts';
import { labelSeed } from '../../label/label_seed.ts';
import type { Speed } from '../../label/pace.ts';
import type { NextProposal } from '../../label/report/report.ts';
import { imagesToLabel, takeCensus } from '../../label/scan/census.ts';
import { encodeImages, encoderOrigin, scanImages } from '../../label/scan/encoder_scan.ts';
import { reopenFeatureFile } from '../../label/scan/feature_file.ts';
import { chooseTask } from '../../label/task.ts';
import type { Files } from '../../platform/platform.ts';
import { openEngine } from '../engine.ts';
import { findGroups } from '../inputs/groups.ts';
import { keptImages } from '../inputs/kept_images.ts';
import { findLabels, requireLabelsFile } from '../inputs/known_labels.ts';
import { tellSource } from '../inputs/open_images.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig } from '../run/config.ts';
import { lockRun, writing } from '../run/folder.ts';
import { findPretext, hasGiven, readGiven, readPretext } from '../run/read_run.ts';
import { type NextSettings, nextSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';

/** The images proposed, most useful first; empty where every one has a label already, and then no file is written. */
export interface NextOutcome {
  /** The run's folder. */
  readonly folder: string;
  /** Names of the files that were written there. */
  readonly files: readonly string[];
  /** The proposed images, most useful first: number in the source, path, and why in words. */
  readonly images: readonly NextProposal[];
}

/**
 * Says which images of a run to label next: next.csv to fill in and next.png to look at, in the run's folder; next.json keeps
 * what was drawn at random and how probable each proposal was.
 * @throws UserError for input that is wrong, with nothing written
 */
export async function nextRun(given: NextSettings, context: JobContext): Promise<NextOutcome> {
  const { files, reporter } = context;
  const settings = resolveSettings(nextSettings, given);
  const { run } = settings;
  const config = await readConfig(context, run);
  const { imageSize } = config.settings;
  const labeller = await readLabeller(files, run);
  // Labels of features out of a file need no encoder, and may have been made without one.
  const needsPretext = labeller?.file === undefined || (await findPretext(files, run)) !== undefined;
  const pretext = needsPretext ? await readPretext(files, run) : undefined;
  if (!(await hasGiven(files, run))) await requireLabelsFile(context, config.options.labels);
  const data = { ...config.options, data: settings.data ?? config.options.data };
  await requireSource(data.data, files);
  const lock = await lockRun(context, run);
  let engine: Engine | undefined;
  try {
    if (pretext || labeller?.weights) engine = await openEngine(context, settings);
    const earlier = (images: NamedImages) => readGiven(files, run, images);
    const kept = keptImages(context, config.options, { earlier });
    const stream = await openRunImages(files, data, imageSize, kept);
    tellSource(reporter, stream);
    const found = await findLabels(context, stream, config.options, {
      labelsRequired: false,
      earlier,
    });
    const { pool: poolLimit } = config.limits;
    const { seed } = config.options;
    const task = chooseTask(found.known, { ...found, poolLimit, seed });
    const { given: labels, classes } = task;
    const wanted = { groups: config.options.groups, data: data.data, labels: [config.options.labels], run };
    const groups = await findGroups(context, stream, task, wanted, seed);
    const onProgress = (done: number, total: number, speed: Speed) =>
      reporter.progress({ stage: 'features', done, total, ...speed });
    const table = labeller?.file && (await reopenFeatureFile(files, labeller.file, stream));
    for (const note of table?.notes ?? []) reporter.note(note);
    const scan =
      pretext && engine
        ? await scanImages(engine, encoderOrigin(pretext.name, pretext, imageSize), stream, { onProgress })
        : undefined;
    const census = scan?.census ?? (await takeCensus(stream, { onProgress }));
    const labelled =
      table?.features ??
      (labeller?.weights &&
        engine &&
        (await encodeImages(engine, encoderOrigin('', labeller.weights, imageSize), stream, { onProgress })));
    const base = scan?.features ?? labelled;
    if (!base) throw new Error(`${run} has neither an encoder nor features`);
    const next = proposeImages({
      census,
      base,
      ...(labeller && labelled && { labeller: { ...labeller, features: labelled } }),
      images: imagesToLabel(stream, census),
      given: labels,
      classes: labeller?.classes ?? classes,
      groups,
      budget: settings.budget,
      randomShare: settings.randomShare,
      seed: settings.seed ?? seed,
      drawSeed: labelSeed(stream.paths, labels, classes),
    });
    const images = next.map((proposal) => ({ ...proposal, path: stream.paths[proposal.image]! }));
    if (images.length === 0) return { folder: run, files: [], images };
    await writing(run, async () => {
      for (const kept of await keepFilled({ files, folder: run }, ['next.csv']))
        reporter.note(`kept in ${run}: ${kept}, with what was filled in`);
      await writeNext({ files, folder: run }, images, settings.randomShare);
      await files.writeAtomic(files.join(run, 'next.png'), await sheet(files, stream, next));
    });
    return { folder: run, files: ['next.csv', 'next.json', 'next.png'], images };
  } finally {
    engine?.destroy();
    await lock.release();
  }
}

/** The classifier of a run that has labelled, with the encoder or the file of features that it stands on. */
async function readLabeller(files: Files, run: string) {
  const [encoder, path] = [files.join(run, 'encoder.safetensors'), files.join(run, 'head.safetensors')];
  if ((await files.stat(path))?.kind !== 'file') return undefined;
  const { classes, temperature, features, ...head } = readHead(await files.read(path), path);
  if (features?.file) return { head, classes, temperature, file: features.file };
  if ((await files.stat(encoder))?.kind !== 'file') return undefined;
  return { head, classes, temperature, weights: readWeights(await files.read(encoder), encoder) };
}

const imagesARow = 8;

/** The proposed images in their order, row by row. */
async function sheet(files: Files, stream: ImageStream, next: readonly NextImage[]): Promise<Uint8Array> {
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
  const { pixels: drawn, width, height } = contactSheet(rows, stream.size);
  return files.encodePng(drawn, width, height);
}
