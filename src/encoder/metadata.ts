import * as v from 'valibot';
import { UserError } from '../errors.ts';
import { quote } from '../formats/quote.ts';
import type { EncoderOptions } from '../nn/family_registry.ts';
import { type Normalisation, perChannel, pixelScale } from '../ops/augment.ts';

/** What a reader of an exported encoder must know beside its tensors. */
export interface EncoderNotes {
  /** The architecture. */
  readonly encoder: EncoderOptions;
  /** Side of the images that it was trained on, in pixels. */
  readonly imageSize: number;
  /** The method that trained it, as files call it: a pretext method (`simclr`), or one that labels (`finetune`). */
  readonly method: string;
  /** What the encoder's pixels were brought to in training. Default `pixelScale`. */
  readonly normalise?: Normalisation | undefined;
}

/**
 * Notes as a safetensors file's metadata, in which `readWeights` finds the side of the images and the normalisation.
 */
export function encoderMetadata({
  encoder,
  imageSize,
  method,
  normalise = pixelScale,
}: EncoderNotes): Record<string, string> {
  const scale = { mean: perChannel(normalise.mean), std: perChannel(normalise.std) };
  return {
    method,
    encoder: JSON.stringify(encoder),
    imageSize: String(imageSize),
    normalise: JSON.stringify(scale),
  };
}

const triple = (least: number) => {
  const channel = v.pipe(v.number(), v.finite(), v.minValue(least));
  return v.tuple([channel, channel, channel]);
};
const metadataSchema = v.object({
  normalise: v.optional(
    v.pipe(v.string(), v.parseJson(), v.object({ mean: triple(-1e6), std: triple(1e-6) })),
  ),
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
