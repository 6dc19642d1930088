import type { Engine } from '../../autograd/engine.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import type { ImageChunk } from '../../data/sources/read_images.ts';
import { atSide } from '../../encoder/at_side.ts';
import { type EncoderCard, featureOf, sourcesOfOwn } from '../../encoder/encoder_card.ts';
import type { Weights } from '../../encoder/encoder_weights.ts';
import { BatchEncoding, encodingBatch } from '../../encoder/feature_extractor.ts';
import { ImageBank } from '../../encoder/image_bank.ts';
import { loadEncoder } from '../../encoder/loaded_encoder.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import { CensusReader, completeCensus } from './census.ts';
import type { EncoderOrigin, Features } from './features.ts';
import {
  type ChunkReader,
  defaultBatch,
  type Pass,
  type ReadingOptions,
  readThrough,
} from './read_through.ts';
import type { Scan, Start } from './start.ts';

/**
 * An encoder's weights as the origin of features.
 * @param weights with a `resize`, images are brought to the encoder by it, whatever the run's side
 * @param usualSide of what it sees, in pixels, where the weights do not tell
 * @throws UserError where a vision transformer's patches do not fill that side
 */
export function encoderOrigin(
  name: string,
  weights: Pick<
    Weights,
    'encoder' | 'tensors' | 'normalise' | 'resize' | 'imageSize' | 'mirror' | 'positions'
  >,
  usualSide: number,
): EncoderOrigin {
  const { normalise, resize, mirror, imageSize = usualSide } = weights;
  const { encoder, tensors } = atSide(weights, imageSize);
  const recipe = { imageSize, ...(resize && { resize }), normalise, ...(mirror && { mirror }) };
  const card: EncoderCard = {
    name,
    architecture: architectureOf(encoder).title,
    recipe,
    feature: featureOf(encoder),
    licence: null,
    from: sourcesOfOwn(weights),
    warnings: [],
  };
  return { name, recipe, encoder: { architecture: encoder, tensors }, card };
}

/** A start whose features an encoder makes here, when they are asked for. */
export function encoderStart(engine: Engine, origin: EncoderOrigin, learnedFromLabels = false): Start {
  return {
    origin,
    learnedFromLabels,
    scan: async (stream, { census, ...options }) =>
      census
        ? scanImages(engine, origin, stream, options)
        : { features: await encodeImages(engine, origin, stream, options) },
  };
}

/**
 * Passes every image of a stream through an encoder and takes their census. Each is decoded once; or twice, where the
 * encoder's recipe says how images are resized, since the census is of the stream's own squares. Of the pixels no more
 * than two batches lie in memory, so that it grows with the number of images by what `Scan` holds alone. While the GPU
 * computes one batch, the next is decoded, hashed and submitted.
 * @throws UserError where reading itself does not work
 */
export async function scanImages(
  engine: Engine,
  origin: EncoderOrigin,
  stream: ImageStream,
  options: ReadingOptions = {},
): Promise<Required<Scan>> {
  const census = new CensusReader(stream);
  const features = await encode(engine, origin, stream, options, [census]);
  return { features, census: await completeCensus(stream, census.seen) };
}

/**
 * Passes every image of a stream through an encoder, in the memory of two batches of pixels.
 * @throws UserError where reading itself does not work
 */
export function encodeImages(
  engine: Engine,
  origin: EncoderOrigin,
  stream: ImageStream,
  options: ReadingOptions = {},
): Promise<Features> {
  return encode(engine, origin, stream, options, []);
}

/** Where features go that are made bit by bit. */
export interface FeatureSink {
  /** Told once, before the first features, how many numbers each image has. @returns room for those of all images */
  open(columns: number): Float32Array;
  /** Told how many images, from the first on, have their features in that room; the next batches wait for its promise. */
  filled?(images: number): Promise<void> | undefined;
}

async function encode(
  engine: Engine,
  origin: EncoderOrigin,
  stream: ImageStream,
  options: ReadingOptions,
  others: readonly ChunkReader[],
): Promise<Features> {
  const sink: FeatureSink = { open: (columns) => new Float32Array(stream.paths.length * columns) };
  const { values, columns } = await encodeInto(engine, origin, stream, options, others, sink);
  return { values, columns, origin };
}

/**
 * Passes every image of a stream through an encoder, into room that stays what it is when reading is stopped.
 * @param others who sees the stream's squares too
 * @throws UserError where reading itself does not work; what `onProgress` throws
 */
export async function encodeInto(
  engine: Engine,
  { recipe, encoder: trained }: EncoderOrigin,
  stream: ImageStream,
  options: ReadingOptions,
  others: readonly ChunkReader[],
  sink: FeatureSink,
): Promise<{ readonly values: Float32Array; readonly columns: number }> {
  const { architecture, tensors } = trained;
  const { batch: wanted = defaultBatch } = options;
  const encoder = loadEncoder(engine, { encoder: architecture, tensors });
  const columns = encoder.featureSize;
  const seen = recipe.resize ? stream.resized(recipe.imageSize, recipe.resize) : stream;
  const shape = { sourceSize: seen.size, ...recipe };
  const batch = encodingBatch(engine, encoder, { ...shape, batch: wanted });
  const bank = new ImageBank(engine, undefined, seen.size, batch);
  const encoding = await BatchEncoding.create(engine, encoder, bank, shape);
  const values = sink.open(columns);
  const reader: ChunkReader = {
    take({ images, pixels, unreadable }: ImageChunk) {
      bank.upload(pixels);
      return encoding.run((features) => {
        values.set(features.subarray(0, images.length * columns), images[0]! * columns);
        for (const { image } of unreadable) values.fill(0, image * columns, (image + 1) * columns);
        return sink.filled?.(images.at(-1)! + 1);
      });
    },
  };
  try {
    const passes: Pass[] =
      seen === stream || others.length === 0
        ? [{ stream: seen, readers: [reader, ...others] }]
        : [
            { stream, readers: others },
            { stream: seen, readers: [reader] },
          ];
    await readThrough(passes, { ...options, batch });
    await encoding.settle();
  } finally {
    await encoding.settle().catch(() => {});
    encoding.destroy();
    encoder.parameters.destroy();
  }
  return { values, columns };
}
