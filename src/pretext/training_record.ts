import { toBase64 } from '../formats/base64.ts';
import type { Curve } from './method.ts';
import { chosenMethod, type PretextOptions } from './options.ts';
import type { MethodRegistry } from './registry.ts';

/** An epoch's figures as metrics.jsonl has them, by name; null: not measured, or not finite. */
export interface EpochFigures {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Mean loss of its steps. */
  readonly loss: number;
  readonly [figure: string]: number | null;
}

/** A metric of the method, told for people. */
export interface MetricRecord {
  /** The key of an epoch's figure. */
  readonly name: string;
  /** A few plain words. */
  readonly label: string;
  /** `share`: from 0 to 1, to be written in percent. */
  readonly unit: 'share' | null;
  /** What it is for a model that knows nothing; null where there is no such value. */
  readonly chance: number | null;
  /** What it is; begins in lower case, behind the label and a colon. */
  readonly meaning: string;
}

/** How an encoder was trained: all that a report shows of it, whatever the method. */
export interface TrainingRecord {
  /** The method's name in options: `simclr`. */
  readonly method: string;
  /** The method's name as people write it: `SimCLR`. */
  readonly title: string;
  /** Who described the method: authors, year, arXiv number. */
  readonly reference: string;
  /** The encoder whose weights it went on from; absent: it started from chance. */
  readonly startedFrom?: string;
  /** How it learned; completes `the encoder learned by …`. */
  readonly learning: string;
  /** Whether the given labels taught it: they are then no check of what follows from its encoder. */
  readonly learnedFromLabels: boolean;
  /** The method's metrics, told for people. */
  readonly metrics: readonly MetricRecord[];
  /** Plots of the report. */
  readonly curves: readonly Curve[];
  /** One at least. */
  readonly epochs: readonly EpochFigures[];
  /** What people see of the method, at the end of the last epoch; absent where it draws nothing. */
  readonly pictures?: TrainingPictures;
}

/** Rows of pictures that a method draws. */
export interface TrainingPictures {
  /** What each row shows, from the top. */
  readonly rows: readonly string[];
  /** A PNG file's bytes in base64. */
  readonly png: string;
}

/**
 * Puts together what is told of a pretext run.
 * @param options the run's settings
 * @param epochs its epochs, one at least (see `epochsOf`)
 * @param more the methods that the options may name; the last epoch's pictures, a PNG file
 * @throws UserError where there is no such method
 */
export function trainingRecord(
  options: Pick<PretextOptions, 'method' | 'encoder' | 'batch' | 'startedFrom'>,
  epochs: readonly EpochFigures[],
  { methods, picture }: { readonly methods?: MethodRegistry; readonly picture?: Uint8Array | undefined } = {},
): TrainingRecord {
  const { method, settings } = chosenMethod(options, methods);
  return {
    method: method.name,
    title: method.title,
    reference: method.reference,
    ...(options.startedFrom !== undefined && { startedFrom: options.startedFrom }),
    learning: method.learning,
    learnedFromLabels: method.learnsFromLabels,
    metrics: method.metrics.map((metric) => ({
      name: metric.name,
      label: metric.label,
      unit: metric.unit ?? null,
      chance: metric.chance?.(settings, options.batch) ?? null,
      meaning: metric.meaning,
    })),
    curves: method.curves,
    epochs,
    ...(picture && method.pictures && { pictures: { rows: method.pictures, png: toBase64(picture) } }),
  };
}

/**
 * The epochs of a metrics.jsonl, without their timings: the same command gives the same figures. Lines that are no
 * whole epochs are left out.
 */
export function epochsOf(metrics: string): EpochFigures[] {
  return metrics.split('\n').flatMap((line) => {
    const { event, imagesPerSecond: _, ...figures } = parsed(line);
    const isEpoch = event === 'epoch' && Number.isFinite(figures.epoch) && Number.isFinite(figures.loss);
    return isEpoch && Object.values(figures).every((value) => value === null || typeof value === 'number')
      ? [figures as EpochFigures]
      : [];
  });
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    // What a crash left of a line, or the nothing behind the last one.
    return {};
  }
}
