import type { Engine } from '../../autograd/engine.ts';
import { partOfStream } from '../../data/part_of_stream.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { adapterName } from '../../gpu/device.ts';
import { CensusReader, squareHashBytes, thumbnailPixels } from '../../label/scan/census.ts';
import { encodeInto } from '../../label/scan/encoder_scan.ts';
import type { EncoderOrigin } from '../../label/scan/features.ts';
import { openEngine } from '../engine.ts';
import type { Interrupted } from '../jobs/outcome.ts';
import type { JobContext } from '../reporter.ts';
import { writing } from '../run/folder.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { type RunShardSettings, runShardSettings } from '../settings/shards.ts';
import { readEncoders } from './job_encoders.ts';
import { partFile, partialFile, readManifest, type Shard } from './manifest.ts';
import {
  emptyPart,
  encodePart,
  type Owner,
  ownerOf,
  type Part,
  problemOfPart,
  readPart,
} from './part_file.ts';
import { openRows, readRows } from './rows.ts';
import { type Environment, findShard } from './shard_number.ts';

/** A shard that is there. */
export interface FinishedShard {
  /** Tells it from one that was stopped. */
  readonly interrupted: false;
  /** Its number. */
  readonly number: number;
  /** Its file. */
  readonly file: string;
  /** Its images. */
  readonly images: number;
  /** Those of them that cannot be read. */
  readonly unreadable: number;
  /** Whether it was there before, and nothing was done. */
  readonly already: boolean;
}

/** A shard that was stopped; the next attempt goes on from what is done. */
export interface StoppedShard extends Interrupted {
  /** Its number. */
  readonly number: number;
  /** Images done of it. */
  readonly done: number;
  /** Images of it. */
  readonly images: number;
}

/**
 * Computes the features and the census of one shard's images, and puts them into the job's folder as one file, whole or not
 * at all. A shard that is there is left as it is; one that was stopped goes on; of two processes at one shard each would
 * write the same.
 * @param environment of the process: the index that an array of jobs gives it
 * @throws UserError for input that is wrong
 */
export async function runShard(
  given: RunShardSettings,
  context: JobContext,
  environment: Environment = {},
): Promise<FinishedShard | StoppedShard> {
  const { files, reporter } = context;
  const { job, shard: which, data, save } = resolveSettings(runShardSettings, given);
  const manifest = await readManifest(files, job);
  const shard = findShard(manifest, which, environment);
  const owner = await ownerOf(manifest, shard);
  const file = files.join(job, partFile(shard));
  const partial = files.join(job, partialFile(shard));
  const finished = (unreadable: number, already: boolean): FinishedShard => {
    const { number, images } = shard;
    return { interrupted: false, number, file, images, unreadable, already };
  };
  const problem = await problemOfPart(files, file, owner);
  if (problem === undefined) return finished(0, true);
  if (problem !== 'missing') reporter.note(`${file} is ${problem}: it is computed anew`);
  const stream = await openRows(
    files,
    manifest,
    data ?? manifest.source.data,
    await readRows(files, job, shard),
  );
  const origins = await readEncoders(files, job, manifest);
  const engine = await openEngine(context, { tune: 0 }, manifest.kernelChoices);
  try {
    const begun = await readPart(files, partial, owner);
    const part = typeof begun === 'string' ? emptyPart(owner, adapterName(engine.gpu.capabilities)) : begun;
    if (typeof begun !== 'string') reporter.note(`shard ${shard.number} goes on: ${progressOf(part, shard)}`);
    reporter.stoppable('what is done so far is saved');
    await writing(job, () => files.makeFolder(files.join(job, 'parts')));
    const keep = async () => {
      // Another process may have come to the end meanwhile.
      if ((await problemOfPart(files, file, owner)) === undefined) return;
      await writing(partial, async () => files.writeAtomic(partial, await encodePart(part, owner)));
    };
    try {
      for (const [place, origin] of origins.entries())
        await encodeRows({
          engine,
          batch: manifest.batch,
          origin,
          place,
          stream,
          part,
          owner,
          context,
          keep,
          seconds: save,
        });
    } catch (error) {
      if (!reporter.signal.aborted || error !== reporter.signal.reason) throw error;
      const { number, images } = shard;
      if (doneOf(part) < images) {
        await keep();
        return { interrupted: true, folder: job, number, images, done: doneOf(part) };
      }
    }
    await writing(file, async () => files.writeAtomic(file, await encodePart(part, owner)));
    await files.removeFile(partial);
    return finished(part.skipped.size, false);
  } finally {
    engine.destroy();
  }
}

const doneOf = ({ done }: Part) => Math.min(...done);
const progressOf = (part: Part, { images }: Shard) =>
  part.done.map((done) => `${done} of ${images} images`).join(', ');

interface Encoding {
  readonly engine: Engine;
  /** Images that pass through it at once. */
  readonly batch: number;
  readonly origin: EncoderOrigin;
  /** Its place among the job's encoders; the first takes the census along. */
  readonly place: number;
  readonly stream: ImageStream;
  readonly part: Part;
  readonly owner: Owner;
  readonly context: JobContext;
  /** Saves what is done so far. */
  readonly keep: () => Promise<void>;
  /** Seconds from one such saving to the next. */
  readonly seconds: number;
}

/** Passes what is left of the rows through an encoder. What was done when it throws stands in the part. */
async function encodeRows(given: Encoding): Promise<void> {
  const { engine, batch, origin, place, stream, part, owner, context, keep, seconds } = given;
  const { reporter } = context;
  const { images } = owner.shard;
  const begin = part.done[place]!;
  if (begin === images) return;
  const rest = partOfStream(
    stream,
    Int32Array.from({ length: images - begin }, (_, i) => begin + i),
  );
  const census = place === 0 ? new CensusReader(rest) : undefined;
  const record = (done: number) => {
    part.done[place] = begin + done;
    if (!census) return;
    const { squares, thumbnails, readable, skipped } = census.seen;
    part.squares.set(squares, begin * squareHashBytes);
    part.thumbnails.set(thumbnails, begin * thumbnailPixels);
    part.readable.set(readable, begin);
    for (const { image, reason } of skipped) part.skipped.set(begin + image, reason);
  };
  let saved = performance.now();
  let filled = 0;
  const stage = `shard ${owner.shard.number}: ${origin.name}`;
  const options = {
    batch,
    onProgress: (done: number, _: number, speed: object) => {
      reporter.signal.throwIfAborted();
      reporter.progress({ stage, done: begin + done, total: images, ...speed });
    },
  };
  const columns = owner.encoders[place]!.columns;
  try {
    await encodeInto(engine, origin, rest, options, census ? [census] : [], {
      open: () => part.features[place]!.subarray(begin * columns),
      filled: (done) => {
        // The census may not have come as far as the features of this batch, but has of those before.
        const whole = filled;
        filled = done;
        if (whole === 0 || performance.now() - saved < 1000 * seconds) return undefined;
        saved = performance.now();
        record(whole);
        return keep();
      },
    });
  } finally {
    record(filled);
  }
}
