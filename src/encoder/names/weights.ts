import type { Resize } from '../../data/resize/resize.ts';
import type { EncoderOptions } from '../../nn/family_registry.ts';
import type { ResNetOptions } from '../../nn/resnet/resnet.ts';
import type { ViTOptions } from '../../nn/vit/vit.ts';
import type { GridRule } from '../../numerics/resample_grid.ts';
import type { Normalisation } from '../../ops/augment.ts';
import type { FoundHead } from './head.ts';
import type { WeightsSource } from './source_notes.ts';

/** Options of an encoder that the shapes of its weights do not tell, where somebody knows them. */
export type StatedOptions = Pick<ResNetOptions, 'stride' | 'stemPadding' | 'epsilon'> &
  Pick<ViTOptions, 'heads' | 'pooling'>;

/** An encoder's weights on the host, with what is known of how they were trained. */
export interface Weights {
  /** The architecture, as the tensors' shapes tell it. */
  readonly encoder: EncoderOptions;
  /** Every tensor of the encoder in the engine's layout, under torchvision's name. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** What pixels must be brought to. */
  readonly normalise: Normalisation;
  /** Side of the images trained on, in pixels; only our own files tell. */
  readonly imageSize?: number;
  /** How images are brought to that side; only our own files tell. */
  readonly resize?: Resize;
  /** Whether features are the mean of those of an image and of its mirror image; only our own files tell. */
  readonly mirror?: true;
  /** Of a vision transformer: how its source brings positions to another side, see `atSide`. */
  readonly positions?: GridRule;
  /** The file's metadata, as they are. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The classifier on raw features that the file holds beside the encoder, where one is told by its name. */
  readonly head?: FoundHead;
  /**
   * A batch norm that the encoder puts on pixels before its first convolution, as a normalisation behind `normalise`,
   * which has it in already; for whoever tries another: `normaliseTwice(other, pixelNorm)`.
   */
  readonly pixelNorm?: Normalisation;
  /** How the file was read, for people. */
  readonly source: WeightsSource;
}
