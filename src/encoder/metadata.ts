import * as v from 'valibot';
import type { Resize } from '../data/resize/resize.ts';
import { UserError } from '../errors.ts';
import { quote } from '../formats/quote.ts';
import { type EncoderOptions, parseEncoderOptions } from '../nn/family_registry.ts';
import { type Normalisation, perChannel, pixelScale } from '../ops/augment.ts';
import { normalisationSchema, resizeSchema } from './recipe_schema.ts';

/** What a reader of an exported encoder must know beside its tensors. */
export interface EncoderNotes {
  /** The architecture. */
  readonly encoder: EncoderOptions;
  /** Side of the images that it was trained on, in pixels. */
  readonly imageSize: number;
  /** The method that trained it, as files call it: a pretext method (`simclr`), or one that labels (`finetune`). */
  readonly method: string;
  /** The encoder that its training went on from, for people; absent: it started from chance, or nothing says. */
  readonly startedFrom?: string | undefined;
  /** What the encoder's pixels were brought to in training. Default `pixelScale`. */
  readonly normalise?: Normalisation | undefined;
  /** How images are brought to the side; absent: as the run has them. */
  readonly resize?: Resize | undefined;
  /** Whether features are the mean of those of an image and of its mirror image. */
  readonly mirror?: true | undefined;
  /** What the weights may be used under, where that of those they started from is known. */
  readonly licence?: string | undefined;
}

/**
 * Notes as a safetensors file's metadata, in which `readWeights` finds how images become the encoder's
 * input.
 */
export function encoderMetadata({
  encoder,
  imageSize,
  method,
  startedFrom,
  normalise = pixelScale,
  resize,
  mirror,
  licence,
}: EncoderNotes): Record<string, string> {
  const scale = { mean: perChannel(normalise.mean), std: perChannel(normalise.std) };
  return {
    method,
    encoder: JSON.stringify(encoder),
    imageSize: String(imageSize),
    ...(startedFrom !== undefined && { startedFrom }),
    normalise: JSON.stringify(scale),
    ...(resize && { resize: JSON.stringify(resize) }),
    ...(mirror && { mirror: 'true' }),
    ...(licence !== undefined && { licence }),
  };
}

const isEncoder = (value: unknown): value is EncoderOptions => parseEncoderOptions(value) !== undefined;
const knownFile = { path: v.string(), digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) };
const metadataSchema = v.object({
  features: v.optional(v.string()),
  featureFile: v.optional(
    v.pipe(v.string(), v.parseJson(), v.object({ ...knownFile, paths: v.optional(v.object(knownFile)) })),
  ),
  encoder: v.optional(v.pipe(v.string(), v.parseJson(), v.custom<EncoderOptions>(isEncoder))),
  normalise: v.optional(v.pipe(v.string(), v.parseJson(), normalisationSchema)),
  resize: v.optional(v.pipe(v.string(), v.parseJson(), resizeSchema)),
  mirror: v.optional(v.literal('true')),
  imageSize: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,4}$/), v.transform(Number))),
  unitLength: v.optional(v.literal('true')),
  classes: v.optional(v.pipe(v.string(), v.parseJson(), v.array(v.string()))),
  temperature: v.optional(
    v.pipe(v.string(), v.transform(Number), v.number(), v.finite(), v.minValue(Number.MIN_VALUE)),
  ),
});

/**
 * What the metadata of an encoder or a head say, as far as they say it; keys of others are passed over.
 * @param file its name, for error messages
 * @throws UserError for a key of ours with a value that is not ours
 */
export function readMetadata(
  metadata: Readonly<Record<string, string>>,
  file: string,
): v.InferOutput<typeof metadataSchema> {
  const result = v.safeParse(metadataSchema, metadata);
  if (result.success) return result.output;
  const key = v.getDotPath(result.issues[0])?.split('.')[0] ?? '';
  throw new UserError(
    `${file} has metadata ${quote(key)} that kindred did not write (${quote(metadata[key] ?? '')}): export it again, or remove that key`,
  );
}
