import type { Estimate } from '../../numerics/interval.ts';
import type { TrainingRecord } from '../../pretext/training_record.ts';
import type { Provenance } from '../report/report.ts';

/** A point of a label-efficiency curve. */
export interface CurvePoint {
  /** Labels a class; null: all that are not held out. */
  readonly perClass: number | null;
  /** Labels of a draw. */
  readonly labels: number;
  /** Share of the held-out images that is told right, with its interval: over draws, or over images where there is one. */
  readonly accuracy: Estimate;
  /**
   * Mean difference to the reference on the same draws and images, with its interval; null for the reference itself, and
   * where it has no score.
   */
  readonly difference: Estimate | null;
}

/** Accuracy by the number of labels. */
export interface LabelCurve {
  /** What learned from the labels: `probe`, `knn`, `finetune`, or `supervised` from scratch. */
  readonly how: string;
  /** What the reference's curve is made of, from which differences are taken; null where there is none. */
  readonly against: string | null;
  /** From few labels to all. */
  readonly points: readonly CurvePoint[];
}

/** One way to an encoder, and what it is worth. */
export interface ComparedEncoder {
  /** Its name in options: `simclr`, `scratch`, `random` for a network as it is drawn, or `start` for the weights that all went on from. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** How it learned, epoch by epoch; null where nothing was trained before the labels. */
  readonly training: TrainingRecord | null;
  /** Whether it has seen every label that is not held out: then only the point of all labels is a comparison. */
  readonly learnsFromLabels: boolean;
  /** Epochs and images that it saw in training; null where nothing was trained before the labels. */
  readonly budget: { readonly epochs: number; readonly images: number } | null;
  /** Why its training was given up; null where it was not. Nothing is scored then. */
  readonly stopped: string | null;
  /** Its curves. */
  readonly curves: readonly LabelCurve[];
}

/** What compare.json holds and compare.html shows. Nothing in it depends on the clock. */
export interface EncoderComparison {
  /** One line: how many images of which parts, read from what. */
  readonly title: string;
  /** The network that all had. */
  readonly network: string;
  /** Side of the images that it saw, in pixels. */
  readonly imageSize: number;
  /** Images that pretext tasks learned from. */
  readonly images: number;
  /** Images that only scored, and where they come from. */
  readonly heldOut: { readonly images: number; readonly from: string };
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Draws of the labels at each point but the last. */
  readonly draws: number;
  /** What was equal: images that each saw in training, or minutes that each had. */
  readonly budget: { readonly of: 'images' | 'minutes'; readonly amount: number };
  /** The method that differences are taken from, fixed before anything was scored; null where none was scored. */
  readonly reference: string | null;
  /** The compared, in the order of the table of methods. */
  readonly encoders: readonly ComparedEncoder[];
  /** What makes the same again. */
  readonly provenance: Provenance;
}
