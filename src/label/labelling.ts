import type { Engine } from '../autograd/engine.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import type { ImageStream } from '../data/sources/image_stream.ts';
import type { ResNetOptions } from '../nn/resnet.ts';
import type { ImageLabel } from './image_label.ts';
import type { MethodName, Start } from './methods/method_table.ts';
import type { LabellingModel } from './methods/methods.ts';
import type { ImagePool } from './methods/network_methods.ts';
import type { Speed } from './pace.ts';
import type { Report } from './report.ts';
import type { LabelTask } from './task.ts';

/** All that labelling starts from: images, given labels, encoders to compare, and settings. */
export interface LabellingInputs {
  readonly engine: Engine;
  /** All images: those to label, and official test images that only score. */
  readonly stream: ImageStream;
  readonly task: LabelTask;
  readonly pool: ImagePool;
  /** What downstream methods start from; the first also finds duplicates and images to label next. */
  readonly starts: readonly [Start, ...Start[]];
  /** The network of the baselines. */
  readonly encoder: Required<ResNetOptions>;
  readonly settings: LabellingSettings;
  /** The pretext task's augmentation. */
  readonly policy: AugmentationPolicy;
  readonly training: Report['training'];
  readonly provenance: Report['provenance'];
  /** Tells how far a stage is; throws to stop. */
  readonly onStage: (stage: string, done?: number, total?: number, speed?: Speed) => void;
}

/** Methods, sizes, allowed error and seed of a labelling. */
export interface LabellingSettings {
  readonly imageSize: number;
  readonly methods: readonly MethodName[];
  readonly folds: number;
  readonly networksHeldOutOnly: boolean;
  /** Images of a training step on labels, and steps of one training. */
  readonly batch: number;
  readonly steps: number;
  /** Largest error allowed among automatic labels. */
  readonly targetError: number;
  /** Images to propose for labelling next. */
  readonly budget: number;
  readonly seed: number;
}

/** A label for every image, and what it rests on. */
export interface Labelled {
  readonly labels: readonly ImageLabel[];
  /** Name and model of the method that labels. */
  readonly method: string;
  readonly model: LabellingModel;
  /** The model's logits are divided by this before the softmax. */
  readonly temperature: number;
  readonly report: Report;
}
