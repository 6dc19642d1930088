import * as v from 'valibot';
import { recipeSchema } from '../../encoder/recipe_schema.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { sha256, toHex } from '../../formats/digest.ts';
import { canonicalJson, stableJson } from '../../label/report/stable_json.ts';
import { type EncoderOptions, parseEncoderOptions } from '../../nn/family_registry.ts';
import { type Files, fits } from '../../platform/platform.ts';
import { isValue } from '../../setting.ts';
import { type PlanShardsSettings, planShardsSettings } from '../settings/shards.ts';

/*
 * A job: the features and the census of all images of a source, computed by parts. A folder with
 *
 *   job.json                  what is below: which images, which encoders, which shard has which rows
 *   encoder-0.safetensors …   the encoders' tensors, in the engine's layout
 *   rows/00000.csv …          path,bytes: the images of a shard, in the source's order
 *   parts/00000.safetensors … what was computed of a shard, whole or not there; see part_file.ts
 *   parts/00000.partial.safetensors … what an attempt that was stopped had of it
 *
 * A shard is a run of rows. All but the last have a whole number of batches, so that every image passes through the
 * encoder in the batch, and at the place in it, in which one process would have passed all images.
 */

/** The version that is written and read. */
const version = 1;
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const encoderSchema = v.object({
  /** What people call it. */
  name: v.string(),
  /** SHA-256 of its file in the job's folder. */
  weights: hash,
  architecture: v.custom<EncoderOptions>((value) => parseEncoderOptions(value) !== undefined),
  recipe: recipeSchema,
  /** Numbers of each image. */
  columns: count,
});

const shardSchema = v.object({
  /** As the array of jobs counts it. */
  number: count,
  /** Its first image's number in the source, and how many images it has. */
  first: count,
  images: count,
  /** SHA-256 of its file of rows. */
  rows: hash,
});

const isPlanSettings = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([name, given]) => {
    const row = Object.hasOwn(planShardsSettings, name)
      ? planShardsSettings[name as keyof typeof planShardsSettings]
      : undefined;
    return row !== undefined && isValue(row.kind, given);
  });

const manifestSchema = v.object({
  version: v.literal(version),
  /** The settings that the plan was made with: `run`, `data` and those that its encoders follow from. */
  settings: v.custom<PlanShardsSettings>(isPlanSettings),
  /** How each shard opens the images. */
  source: v.object({
    data: v.string(),
    /** What people call the images. */
    name: v.string(),
    /** Side of the squares, in pixels. */
    size: v.pipe(count, v.minValue(1)),
    range: v.string(),
    fit: v.picklist(fits),
    seed: count,
    limit: v.exactOptional(count),
    testLimit: v.exactOptional(count),
    /** Images in all. */
    images: v.pipe(count, v.minValue(1)),
  }),
  /** Images that pass through an encoder at once. */
  batch: v.pipe(count, v.minValue(1)),
  encoders: v.pipe(v.array(encoderSchema), v.minLength(1)),
  /** The adapter that the plan was made on, and what its kernels are: adapters differ in the last digits. */
  adapter: v.string(),
  kernelChoices: v.record(v.string(), v.nullable(v.string())),
  shards: v.pipe(v.array(shardSchema), v.minLength(1)),
});

/** What a job is. */
export type Manifest = v.InferOutput<typeof manifestSchema>;
/** An encoder of a job. */
export type JobEncoder = Manifest['encoders'][number];
/** A part of a job's images. */
export type Shard = Manifest['shards'][number];

const digits = (number: number) => String(number).padStart(5, '0');
/** The file of an encoder's tensors, by its place in the list. */
export const encoderFile = (place: number): string => `encoder-${place}.safetensors`;
/** The file of a shard's rows. */
export const rowsFile = ({ number }: Shard): string => `rows/${digits(number)}.csv`;
/** The file of a shard's result. */
export const partFile = ({ number }: Shard): string => `parts/${digits(number)}.safetensors`;
/** The file of what an attempt that was stopped had of it. */
export const partialFile = ({ number }: Shard): string => `parts/${digits(number)}.partial.safetensors`;

/** The SHA-256 of some bytes or text, in hex. */
export const digestOf = async (content: Uint8Array | string): Promise<string> =>
  toHex(await sha256(typeof content === 'string' ? new TextEncoder().encode(content) : content));

/** What tells an encoder from all others: its tensors, what they are of, how images reach it. */
export const encoderDigest = ({
  weights,
  architecture,
  recipe,
}: Pick<JobEncoder, 'weights' | 'architecture' | 'recipe'>): Promise<string> =>
  digestOf(canonicalJson({ weights, architecture, recipe }));

/** The text of job.json, with a checksum of all else that it says. */
export async function manifestText(manifest: Manifest): Promise<string> {
  return stableJson({ ...manifest, checksum: await digestOf(canonicalJson(manifest)) });
}

/**
 * Reads a job's manifest.
 * @throws UserError for a folder that is no job, and for a manifest that is not as it was written
 */
export async function readManifest(files: Files, job: string): Promise<Manifest> {
  const path = files.join(job, 'job.json');
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(sentence`${job} holds no job.json: name a folder that kindred shard plan made`, {
      setting: 'job',
    });
  const text = new TextDecoder().decode(await files.read(path));
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), v.looseObject({})), text);
  const { checksum, ...content }: Record<string, unknown> = read.success ? read.output : {};
  if (typeof content.version === 'number' && content.version !== version)
    throw new UserError(`${path} was written by another version of kindred: plan the shards anew`);
  const manifest = v.safeParse(manifestSchema, content);
  if (manifest.success && checksum === (await digestOf(canonicalJson(content)))) return manifest.output;
  throw new UserError(
    sentence`${path} is not as kindred wrote it (edited by hand, or damaged): plan the shards anew into another ${named('out')}, since parts of two plans do not fit each other`,
  );
}
