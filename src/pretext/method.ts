import type { Tensor } from '../autograd/tensor.ts';
import type { PresetName } from '../data/policy.ts';
import type { ImageBank } from '../encoder/image_bank.ts';
import type { Encoder } from '../nn/encoder.ts';
import type { ModelContext } from '../nn/layers.ts';
import type { AugmentOptions } from '../ops/augment.ts';
import type { Setting, ValueOf } from '../setting.ts';
import type { BatchData, Batches, BatchOptions } from './batches.ts';
import type { Follower } from './parts/follower.ts';

// A pretext method is an object of this interface in a file of its own under `methods/`, and a line of `registry.ts`.
// The loop asks it for batches and for a model, trains that, and shows what the method says about its own figures.

/** What a setting of a method may follow from. */
export type EncoderFacts = Pick<Encoder, 'featureSize'>;

/** A setting that a method adds. Where the user leaves it open it is the default, or what follows from the encoder. */
export type MethodSetting = Omit<Setting, 'default'> &
  (
    | { readonly default: number | string | boolean }
    | {
        /** The value that follows from the encoder. */
        readonly derive: (encoder: EncoderFacts) => unknown;
      }
  );

/** The settings that a method adds, by name. */
export type MethodTable = Readonly<Record<string, MethodSetting>>;

/** A value for every setting of a table. */
export type ValuesOf<Table extends MethodTable> = {
  readonly [Name in keyof Table]: ValueOf<Table[Name]['kind']>;
};

/** A figure that the loss comes with, averaged over the steps of an epoch. */
export interface Metric<Values = Readonly<Record<string, unknown>>> {
  /** Its key in metrics.jsonl: `contrastiveTop1`. */
  readonly name: string;
  /** The field's term for it, as progress lines have it: `contrastive top-1`. Absent: they leave it out. */
  readonly term?: string;
  /** A few plain words, as legends and tables have them: `the other view found first`. */
  readonly label: string;
  /** `share`: from 0 to 1, written in percent. */
  readonly unit?: 'share';
  /** What it is for a model that knows nothing. @param batch images of a step */
  chance?(settings: Values, batch: number): number;
  /** What it is, for people who do not know the method: begins in lower case, behind the label and a colon. */
  readonly meaning: string;
}

/** A line of a curve. */
export interface CurveLine {
  /**
   * The key of an epoch's figure in metrics.jsonl: a metric of the method, or `loss`, `chanceLoss`, `knnAccuracy`,
   * `featureStd`, `effectiveRank`; or a level.
   */
  readonly of: string | number;
  /** What the legend calls it. */
  readonly name: string;
  /** For what another line is to be compared with. */
  readonly dashed?: boolean;
}

/** A plot of the report: figures by epoch. Lines without any value are left out, plots without lines too. */
export interface Curve {
  /** What stands above the plot. */
  readonly title: string;
  /** `share`: the axis is in percent and ends at 100%. */
  readonly unit?: 'share';
  /** Figures to draw. */
  readonly lines: readonly CurveLine[];
}

/** The loss, f32 [1], and the metrics in the order of the method's list, f32 [as many, or more, which are not read]. */
export interface Objective {
  /** f32 [1], to walk back from. */
  readonly loss: Tensor;
  /** f32, the metrics in the order of the method's list; more than those are not read. */
  readonly metrics?: Tensor;
}

/** The images that a step records from, as `drawChoices` and `renderViews` take them. */
export interface ImageBatch extends Pick<ImageBank, 'images' | 'indices' | 'numbers'> {
  /** u32 [2]: seed and step. */
  readonly counter: Tensor;
}

/** What a method declares its model with. */
export interface PretextContext {
  /** Declared already, in a store of its own: an export writes that and nothing else. */
  readonly encoder: Encoder;
  /**
   * A store for another part (`projector`, `decoder`, `queue`), in which layers are declared; asked for twice it is the
   * same. What the optimizer does not train is a buffer there, a memory bank say; all buffers share GPU memory, so no
   * dispatch may read one and write another. All that lies in stores is part of a checkpoint: a model whose steps
   * change nothing else resumes bit for bit. Names are unique among all parts.
   */
  readonly part: (name: string) => ModelContext;
  /**
   * A second network, which follows the first one's weights: the encoder again, and layers that follow those of the same
   * names, which are to be declared before. Its tensors begin with the name and a dot, in the part of that name.
   */
  readonly follower: (name: string) => Follower;
  /** How views are drawn: policy, sides in pixels, what pixels are brought to and the type of their activations. */
  readonly views: Required<
    Pick<AugmentOptions, 'policy' | 'sourceSize' | 'imageSize' | 'normalise' | 'dtype'>
  >;
  /** Stored images: every number of an image lies below. */
  readonly images: number;
  /** Steps of the whole run, for what changes over it; 0: it has no known end. */
  readonly steps: number;
}

/** A model whose loss is recorded in one piece. */
export interface WholeModel {
  /** Rows that each image has in `labels`, one behind all rows of the others: the views of an image, or 1. */
  readonly views: number;
  /**
   * Records the loss.
   * @param labels u32 [views·B], `unlabelled` where not known; of a method that learns from none: 0
   */
  readonly loss: (batch: ImageBatch, labels: Tensor) => Objective;
  /**
   * Records, behind the optimizer's update, what a step does then: a momentum encoder that follows, say.
   * @param counter u32 [2]: seed and step
   */
  readonly afterUpdate?: (counter: Tensor) => void;
  /**
   * Records what people see of the method, in the order of its `pictures`, for a program that evaluates: each
   * [N, S, S, 4] f32, pixels as the encoder takes them.
   */
  readonly pictures?: (batch: ImageBatch) => readonly Tensor[];
}

/**
 * A model whose images meet in the loss alone: each image's rows follow from that image. A step can then be done in
 * chunks of the batch (see `chunkedStep`).
 */
export interface FactoredModel extends Omit<WholeModel, 'loss'> {
  /** Records the rows of each image: [views·B, D], the first of all images before the second ones. */
  readonly project: (batch: ImageBatch) => Tensor;
  /**
   * Records the loss of a whole batch's rows, [views·B, D].
   * @param labels u32 [views·B], `unlabelled` where not known; of a method that learns from none: 0
   */
  readonly projectionLoss: (projections: Tensor, labels: Tensor) => Objective;
}

/** A model as a method declares it: recorded in one piece, or by rows that meet in the loss alone. */
export type PretextModel = WholeModel | FactoredModel;

/** Whether the model's step can be done in chunks. */
export const isFactored = (model: PretextModel): model is FactoredModel => 'project' in model;

/** A pretext task: how an encoder learns from images. */
export interface PretextMethod<Name extends string = string, Table extends MethodTable = MethodTable> {
  /** The method's name in options and files: `simclr`. */
  readonly name: Name;
  /** The method's name as people write it: `SimCLR`. */
  readonly title: string;
  /** Who described it: authors, year, arXiv number. */
  readonly reference: string;
  /** What it learns from, in a phrase for a help text: `two views of each image`. */
  readonly summary: string;
  /** How it learns, for people who do not know it; completes `the encoder learned by …`. */
  readonly learning: string;
  /** Whether the given labels teach it: they are then no check of what follows from its encoder. */
  readonly learnsFromLabels: boolean;
  /** The settings that it adds. */
  readonly settings: Table;
  /** How its views are drawn where nobody says. Absent: as contrastive methods want it, by the images' side. */
  readonly policy?: PresetName;
  /** Which images each step takes. */
  batches(data: BatchData, options: BatchOptions): Batches;
  /** Declares all parts but the encoder, and says how a step is recorded. */
  declare(context: PretextContext, settings: ValuesOf<Table>): PretextModel;
  /**
   * The loss of a model that knows nothing, which a collapsed encoder stays near. Absent: there is no such value, and
   * collapsed features alone are a collapse.
   * @param batch images of a step
   */
  chanceLoss?(settings: ValuesOf<Table>, batch: number): number;
  /** Figures that the loss comes with. */
  readonly metrics: readonly Metric<ValuesOf<Table>>[];
  /** What the report draws. */
  readonly curves: readonly Curve[];
  /** What rows of pictures its model draws, from the top, each in a few plain words: `what the encoder saw`. */
  readonly pictures?: readonly string[];
}

/** Keeps a method's own name and settings, and checks that it is one. */
export const pretextMethod = <const Name extends string, const Table extends MethodTable>(
  method: PretextMethod<Name, Table>,
): PretextMethod<Name, Table> => method;

/** The curve of the loss, beside chance where the method has such a value. */
export const lossCurve: Curve = {
  title: 'Loss',
  lines: [
    { of: 'loss', name: 'loss' },
    { of: 'chanceLoss', name: 'chance', dashed: true },
  ],
};
/** The line of the accuracy of nearest neighbours, leave-one-out among the labelled training images. */
export const neighboursLine: CurveLine = { of: 'knnAccuracy', name: 'nearest neighbours', dashed: true };
/** Curves of an epoch's features, whatever the method. */
export const featureCurves: readonly Curve[] = [
  {
    title: 'Standard deviation of the features',
    lines: [{ of: 'featureStd', name: 'feature standard deviation' }],
  },
  {
    title: 'Effective rank of the features',
    lines: [
      { of: 'effectiveRank', name: 'effective rank' },
      { of: 1, name: 'collapsed', dashed: true },
    ],
  },
];
