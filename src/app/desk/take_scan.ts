import type { ImageStream } from '../../data/sources/image_stream.ts';
import { encoderOrigin, encoderStart } from '../../label/scan/encoder_scan.ts';
import type { Start } from '../../label/scan/start.ts';
import { chooseTask } from '../../label/task.ts';
import { openEngine } from '../engine.ts';
import { givenStarts, readGivenStarts } from '../inputs/given_starts.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { readConfig } from '../run/config.ts';
import { readPretext } from '../run/read_run.ts';
import type { DeskImages, DeskScan } from './judge.ts';

/** Whose features are taken: those of a given encoder (`base`, a file, or one of the hub), or of the one that a run has trained. */
export type ScannedBy =
  | {
      readonly encoder: string;
      /** Whether it may be fetched from the hub. */
      readonly download?: boolean;
    }
  | { readonly run: string };

/** Opens the images of a session. @param data the setting that names them */
export function openDeskImages({ files }: Pick<JobContext, 'files'>, data: string): Promise<ImageStream> {
  const settings = { data, seed: 0, limit: undefined, testLimit: undefined, labels: undefined };
  return openRunImages(files, settings, undefined);
}

/** What is known of a stream's images but their pixels, apart from the stream. */
export function deskImages(stream: ImageStream, data: string): DeskImages {
  const { name, description, size, paths, partition, classes, omitted, unreadable } = stream;
  return { data, name, description, size, paths, partition, classes, omitted, unreadable };
}

/**
 * Takes features and the census of all images of a source, in one pass, on a device of its own.
 * @throws UserError where there is no such encoder, or it cannot be read; the signal's reason where it was aborted
 */
export async function takeScan(data: string, by: ScannedBy, context: JobContext): Promise<DeskScan> {
  const { reporter } = context;
  const stream = await openDeskImages(context, data);
  const engine = await openEngine(context);
  reporter.stoppable('no features are kept');
  try {
    const start = await startOf();
    const stage = `features: ${start.origin.name}`;
    const { features, census } = await start.scan(stream, {
      census: true,
      onProgress: (done, total, speed) => {
        reporter.signal.throwIfAborted();
        reporter.progress({ stage, done, total, ...speed });
      },
    });
    const { values, columns } = features;
    const { learnedFromLabels = false } = start;
    const { name, recipe } = start.origin;
    return { values, columns, name, recipe, learnedFromLabels, census: census! };
  } finally {
    engine.destroy();
  }

  async function startOf(): Promise<Start> {
    if ('run' in by) {
      const weights = await readPretext(context.files, by.run);
      const { settings } = await readConfig(context, by.run);
      const origin = encoderOrigin(weights.name, weights, settings.imageSize);
      return encoderStart(engine, origin, weights.learnedFromLabels);
    }
    const { encoder, download } = by;
    const given = await readGivenStarts(context, { encoder }, { download });
    // Where nobody says how images reach the encoder, labels could choose; features do not wait for them.
    const none = new Int32Array(stream.paths.length).fill(-1);
    const task = chooseTask({ classes: [], labels: none, partition: stream.partition }, { seed: 0 });
    const [start] = await givenStarts(context, given, { engine, stream, task }, { data, seed: 0 });
    return start!;
  }
}
