import type { FeatureFile } from '../../encoder/classifier_head.ts';
import type { EncoderCard } from '../../encoder/encoder_card.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import type { EncoderOptions } from '../../nn/family_registry.ts';
import { pickRows } from '../../numerics/feature_rows.ts';
import type { GridRule } from '../../numerics/resample_grid.ts';

/** A trained encoder apart from the GPU. */
export interface TrainedEncoder {
  /** Which network it is. */
  readonly architecture: EncoderOptions;
  /** Every tensor in the engine's layout, by torchvision's name. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** Of a vision transformer: how its source brings positions to another side. */
  readonly positions?: GridRule | undefined;
}

/** Where features come from. Features of one origin can be compared with each other, and one head serves them all. */
export interface FeatureOrigin {
  /** For people: `SimCLR`, `given weights`, a file's name. */
  readonly name: string;
  /** How images were brought to the encoder; absent where nobody says. */
  readonly recipe?: InputRecipe;
  /** The encoder that made them; absent where it is not at hand: then it can be neither trained further nor written. */
  readonly encoder?: TrainedEncoder;
  /** What is known of that encoder, and who says it. */
  readonly card?: EncoderCard | undefined;
  /** The file that holds them, where they were not made here. */
  readonly file?: FeatureFile;
}

/** An origin whose encoder is at hand: it can give the features of any image, and be trained further. */
export interface EncoderOrigin extends FeatureOrigin {
  /** How images become the encoder's input. */
  readonly recipe: InputRecipe;
  /** The encoder that made the features. */
  readonly encoder: TrainedEncoder;
}

/** Whether the encoder of some features is at hand, with the way to bring images to it. */
export function hasEncoder(origin: FeatureOrigin): origin is EncoderOrigin {
  return origin.encoder !== undefined && origin.recipe !== undefined;
}

/** A matrix of features, and which image each of its rows is of. */
export interface FeatureRows {
  /** N × `columns`, row-major; zeros for images that cannot be read. */
  readonly values: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** The row of each image of the source, −1 where it has none; absent: row i is image i's. */
  readonly rows?: Int32Array;
}

/** Features of images, with where they come from. */
export interface Features extends FeatureRows {
  /** What made the features. */
  readonly origin: FeatureOrigin;
}

/**
 * The features of some images, in their order: images × columns, row-major.
 * @param images their numbers in the source
 */
export function rowsOf({ values, columns, rows }: FeatureRows, images: Int32Array): Float32Array {
  // Of a hundred thousand images a copy would take as much memory again.
  const all = !rows && images.length * columns === values.length;
  if (all && images.every((image, i) => image === i)) return values;
  return pickRows(values, columns, rows ? images.map((image) => rows[image]!) : images);
}
