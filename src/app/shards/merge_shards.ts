import type { ImageStream } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { completeCensus, squareHashBytes, thumbnailPixels } from '../../label/scan/census.ts';
import { hasEncoder } from '../../label/scan/features.ts';
import type { Scan, Start } from '../../label/scan/start.ts';
import { labelRun } from '../jobs/label_run.ts';
import type { Interrupted, LabelledRun } from '../jobs/outcome.ts';
import type { JobContext } from '../reporter.ts';
import { labelSettings } from '../settings/jobs.ts';
import { givenOf, resolveSettings } from '../settings/resolve.ts';
import { type MergeShardsSettings, mergeShardsSettings } from '../settings/shards.ts';
import { describeUnfit, unfitShards } from './check_parts.ts';
import { identityOf } from './job_encoders.ts';
import { encoderDigest, type Manifest, partFile, readManifest } from './manifest.ts';
import { ownerOf, readPart } from './part_file.ts';
import { readRows } from './rows.ts';

/**
 * Labels the images of a job as `labelRun` labels them in one process, with the features and the census that the shards
 * computed: the same files, byte for byte, and labels.parquet with the same rows as labels.csv.
 * @throws UserError while a shard is missing, damaged or of another checkpoint, with nothing written
 */
export async function mergeShards(
  given: MergeShardsSettings,
  context: JobContext,
): Promise<LabelledRun | Interrupted> {
  const { files } = context;
  const { job } = resolveSettings(mergeShardsSettings, given);
  const manifest = await readManifest(files, job);
  const unfit = await unfitShards(files, job, manifest);
  if (unfit.length > 0)
    throw new UserError(
      sentence`${named('job', job)} cannot be merged yet: ${describeUnfit(unfit)}: run ${unfit.length === 1 ? 'it' : 'them'} again`,
    );
  const settings = givenOf(labelSettings, { ...manifest.settings, ...givenOf(mergeShardsSettings, given) });
  const parts = new JobParts(job, manifest, context);
  return labelRun(settings, { ...context, atHand: (start) => parts.startOf(start) }, { parquet: true });
}

/** The parts of a job, as starts of a labelling. */
class JobParts {
  readonly #job: string;
  readonly #manifest: Manifest;
  readonly #context: JobContext;

  constructor(job: string, manifest: Manifest, context: JobContext) {
    this.#job = job;
    this.#manifest = manifest;
    this.#context = context;
  }

  /** A start whose features the parts have. */
  startOf(start: Start): Start {
    const { origin } = start;
    if (!hasEncoder(origin)) return start;
    return {
      ...start,
      scan: async (stream, { census, onProgress }) => {
        const digest = await encoderDigest(await identityOf(origin));
        const known = await Promise.all(this.#manifest.encoders.map(encoderDigest));
        const place = known.indexOf(digest);
        if (place < 0)
          throw new UserError(
            sentence`${named('run', this.#manifest.settings.run ?? '')}: its encoder ${origin.name} is not the one that the shards were planned with: put its checkpoint back, or plan the shards anew`,
          );
        await this.#requireRows(stream);
        const tell = (done: number, speed = { imagesPerSecond: 0, secondsLeft: 0 }) =>
          onProgress?.(done, stream.paths.length, speed);
        const { columns, ...scan } = await this.#join(place, stream, census, tell);
        return { ...scan, features: { values: scan.values, columns, origin } };
      },
    };
  }

  /** @throws UserError where the images are not those of the plan */
  async #requireRows({ paths }: ImageStream): Promise<void> {
    const { shards, source } = this.#manifest;
    if (paths.length !== source.images)
      throw this.#changed(`there are ${paths.length}, and were ${source.images}`);
    for (const shard of shards) {
      const rows = await readRows(this.#context.files, this.#job, shard);
      const other = rows.findIndex(({ path }, row) => path !== paths[shard.first + row]);
      if (other >= 0)
        throw this.#changed(`${paths[shard.first + other]} stands in the place of ${rows[other]!.path}`);
    }
  }

  #changed(what: string): UserError {
    return new UserError(
      sentence`the images of ${named('data', this.#manifest.source.data)} have changed since the shards were planned (${what}): put them back, or plan the shards anew`,
    );
  }

  async #join(
    place: number,
    stream: ImageStream,
    withCensus: boolean,
    tell: (done: number) => void,
  ): Promise<{ values: Float32Array; columns: number } & Pick<Scan, 'census'>> {
    const { encoders, shards, adapter } = this.#manifest;
    const { files, reporter } = this.#context;
    const { columns } = encoders[place]!;
    const images = stream.paths.length;
    const values = new Float32Array(images * columns);
    const squares = new Uint8Array(withCensus ? images * squareHashBytes : 0);
    const thumbnails = new Uint8Array(withCensus ? images * thumbnailPixels : 0);
    const readable = new Uint8Array(withCensus ? images : 0);
    const skipped: { image: number; path: string; reason: string }[] = [];
    const adapters = new Set([adapter]);
    for (const shard of shards) {
      tell(shard.first);
      const { first, number } = shard;
      const path = files.join(this.#job, partFile(shard));
      const part = await readPart(files, path, await ownerOf(this.#manifest, shard));
      if (typeof part === 'string')
        throw new UserError(sentence`shard ${number} is ${part} (${path}): run it again`);
      values.set(part.features[place]!, first * columns);
      adapters.add(part.adapter);
      if (!withCensus) continue;
      squares.set(part.squares, first * squareHashBytes);
      thumbnails.set(part.thumbnails, first * thumbnailPixels);
      readable.set(part.readable, first);
      for (const [row, reason] of [...part.skipped].sort(([a], [b]) => a - b))
        skipped.push({ image: first + row, path: stream.paths[first + row]!, reason });
    }
    tell(images);
    if (!withCensus) return { values, columns };
    if (adapters.size > 1)
      reporter.note(
        `the shards were computed on several adapters (${[...adapters].join('; ')}): the last digits of features differ between these`,
      );
    const census = await completeCensus(stream, { squares, thumbnails, readable, skipped });
    return { values, columns, census };
  }
}
