import type { Engine } from '../../autograd/engine.ts';
import { partOfStream } from '../../data/part_of_stream.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { adapterName } from '../../gpu/device.ts';
import { encodeImages } from '../../label/scan/encoder_scan.ts';
import { type EncoderOrigin, hasEncoder } from '../../label/scan/features.ts';
import { defaultBatch } from '../../label/scan/read_through.ts';
import type { FileContent } from '../../platform/platform.ts';
import { openEngine } from '../engine.ts';
import { openLabelled, openStarts, readLabelRequest } from '../jobs/label_request.ts';
import type { JobContext } from '../reporter.ts';
import { writing } from '../run/folder.ts';
import { labelSettings } from '../settings/jobs.ts';
import { givenOf, resolveSettings } from '../settings/resolve.ts';
import { type PlanShardsSettings, planShardsSettings } from '../settings/shards.ts';
import { encoderBytes, identityOf } from './job_encoders.ts';
import {
  digestOf,
  encoderFile,
  type JobEncoder,
  type Manifest,
  manifestText,
  rowsFile,
  type Shard,
} from './manifest.ts';
import { rowsText } from './rows.ts';

/** A job that was planned. */
export interface PlannedShards {
  /** Its folder. */
  readonly folder: string;
  /** Numbers of its shards. */
  readonly numbers: readonly number[];
  /** Images of all shards. */
  readonly images: number;
  /** The encoders that see them. */
  readonly encoders: readonly string[];
}

/**
 * Plans the labelling of the images of a source by the encoders of an earlier run, as `labelRun` does it, in shards: what
 * any number of machines can compute apart from each other (see `manifest.ts` for the folder).
 * @throws UserError for input that is wrong, with nothing written
 */
export async function planShards(given: PlanShardsSettings, context: JobContext): Promise<PlannedShards> {
  const { files, reporter } = context;
  const settings = resolveSettings(planShardsSettings, given);
  const { out } = settings;
  const there = await files.stat(out);
  if (there?.kind === 'file') throw new UserError(sentence`${named('out', out)} is a file: name a folder`);
  if (there && (await files.list(out)).length > 0)
    throw new UserError(sentence`${named('out', out)} is there already: name another folder`);
  const kept = givenOf(planShardsSettings, given);
  const labelling = resolveSettings(labelSettings, { ...kept, out: undefined });
  const request = await readLabelRequest(context, labelling);
  const engine = await openEngine(context, settings);
  try {
    const images = await openLabelled(context, engine, labelling, request);
    const starts = await openStarts(context, images, request);
    const origins = starts.map(({ origin }) => origin).filter(hasEncoder);
    if (origins.length === 0)
      throw new UserError(
        sentence`no encoder has to see the images, since their features are at hand: label them in one go, without shards`,
      );
    const { stream } = images;
    const shards = cut(stream.paths.length, settings);
    const contents = new Map<string, FileContent>();
    const encoders: JobEncoder[] = [];
    for (const [place, origin] of origins.entries()) {
      const { encoder, bytes } = await describeEncoder(engine, origin, stream);
      encoders.push(encoder);
      contents.set(encoderFile(place), bytes);
    }
    const { data, fit, limit, testLimit, seed } = request.data;
    const manifest: Omit<Manifest, 'shards'> = {
      version: 1,
      settings: givenOf(planShardsSettings, { ...kept, data, out: undefined, download: undefined }),
      source: {
        data,
        name: stream.name,
        size: stream.size,
        range: stream.range ?? 'file',
        fit,
        seed,
        ...(limit !== undefined && { limit }),
        ...(testLimit !== undefined && { testLimit }),
        images: stream.paths.length,
      },
      batch: defaultBatch,
      encoders,
      adapter: adapterName(engine.gpu.capabilities),
      kernelChoices: { ...engine.choices.used },
    };
    await writing(sentence`${named('out', out)}`, () =>
      files.writeFolder(out, async (folder) => {
        for (const [name, content] of contents) await folder.write(name, content);
        const planned: Shard[] = [];
        for (const shard of shards) {
          reporter.signal.throwIfAborted();
          reporter.progress({ stage: 'writing rows', done: planned.length, total: shards.length });
          const text = await rowsText(stream, shard.first, shard.images);
          const known = { ...shard, rows: await digestOf(text) };
          await folder.write(rowsFile(known), text);
          planned.push(known);
        }
        await folder.write('job.json', await manifestText({ ...manifest, shards: planned }));
      }),
    );
    return {
      folder: out,
      numbers: shards.map(({ number }) => number),
      images: stream.paths.length,
      encoders: encoders.map(({ name }) => name),
    };
  } finally {
    engine.destroy();
  }
}

/** Runs of rows, about equally long: whole batches where there are enough. */
function cut(
  images: number,
  { shards, first, step }: { readonly shards: number; readonly first: number; readonly step: number },
): Omit<Shard, 'rows'>[] {
  const unit = images >= shards * defaultBatch ? defaultBatch : 1;
  const units = Math.ceil(images / unit);
  const count = Math.min(shards, units);
  const begin = (place: number) => Math.min(images, unit * Math.floor((place * units) / count));
  return Array.from({ length: count }, (_, place) => ({
    number: first + place * step,
    first: begin(place),
    images: begin(place + 1) - begin(place),
  }));
}

/** An encoder as the manifest has it, and its file. It sees a batch, so that the choice of its kernels is known. */
async function describeEncoder(
  engine: Engine,
  origin: EncoderOrigin,
  stream: ImageStream,
): Promise<{ encoder: JobEncoder; bytes: Uint8Array }> {
  const few = Int32Array.from({ length: Math.min(defaultBatch, stream.paths.length) }, (_, image) => image);
  const { columns } = await encodeImages(engine, origin, partOfStream(stream, few));
  const bytes = encoderBytes(origin);
  return { encoder: { name: origin.name, columns, ...(await identityOf(origin, bytes)) }, bytes };
}
