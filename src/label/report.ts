import type { UnreadableImage } from '../data/sources/image_source.ts';

import type { EpochReport } from '../pretext/pretrain.ts';
import type { Calibration } from './confidence/calibration.ts';
import type { RiskCoverage } from './confidence/risk_coverage.ts';
import type { ClassificationScores } from './confidence/scores.ts';
import type { ImageLabel, Status } from './image_label.ts';
import type { ComparisonRow } from './methods/comparison.ts';

/** An image in the report: `image` is its number in the labelled set, by which its thumbnail is asked for. */
export interface ReportImage extends ImageLabel {
  readonly image: number;
}

/** Images that are copies of each other, by path; the first is the one kept. */
export interface DuplicateGroup {
  readonly kind: 'exact' | 'near';
  readonly paths: readonly string[];
}

/** What was read, left out and found to repeat. */
export interface DataAudit {
  readonly description: string;
  /** Images read and labelled. */
  readonly images: number;
  /** The first of them; `unreadableCount` covers all. */
  readonly unreadable: readonly UnreadableImage[];
  readonly unreadableCount: number;
  /** The largest groups first; the counts below cover all. */
  readonly duplicates: readonly DuplicateGroup[];
  readonly exactDuplicates: number;
  readonly nearDuplicates: number;
  /** Copies whose given labels differ. */
  readonly conflicts: readonly { readonly paths: readonly string[]; readonly labels: readonly string[] }[];
  /** The most unusual first; `outlierCount` covers all. */
  readonly outliers: readonly ReportImage[];
  readonly outlierCount: number;
}

/** How many images have a class, and how they came by it. */
export interface ClassCount {
  readonly name: string;
  readonly given: number;
  /** Images predicted as this class, by status. */
  readonly auto: number;
  readonly review: number;
}

/** A given label that the other labels speak against. */
export interface Suspect {
  readonly image: number;
  readonly path: string;
  readonly given: string;
  readonly suggested: string;
  /** Out-of-fold calibrated probabilities of the two. */
  readonly givenProbability: number;
  readonly suggestedProbability: number;
}

/** An image of the map: where it lies, and what is said of it. */
export interface MapPoint {
  readonly image: number;
  readonly x: number;
  readonly y: number;
  readonly label: string;
  readonly status: Status;
  readonly path: string;
  readonly confidence: number;
}

/** Scores of automatic and of all predicted labels against truth that was hidden from training. */
export interface HiddenTruth {
  readonly all: ClassificationScores;
  readonly auto: ClassificationScores | null;
}

/** The return of the audit sample. Where nothing is automatic since, `riskCoverage.chosen` is null. */
export interface AuditResult {
  /** Of the whole sample, as far as it is checked. */
  readonly checked: number;
  readonly errors: number;
  /** One-sided 95% upper bound of the error among the labels that the sample was drawn from, before the check. */
  readonly bound: number;
  /** How many automatic labels the sample was drawn from, and their least confidence. */
  readonly population: number;
  readonly drawnAt: number;
  /**
   * The threshold to which the sample raised it so that the target holds, null where it did not. It was chosen by the
   * same sample: what is promised above it is the target, not a bound of the rows above it.
   */
  readonly raisedTo: number | null;
}

/**
 * All that report.html shows and report.json holds. Nothing in it depends on the clock: the same command on the same
 * adapter gives the same bytes.
 */
export interface Report {
  readonly title: string;
  /** What a person must know before trusting the labels, most important first. */
  readonly warnings: readonly string[];
  readonly counts: Readonly<Record<Status, number>>;
  readonly audit: DataAudit;
  readonly classes: readonly ClassCount[];
  readonly comparison: {
    /** In words: which images the held-out column is scored on; null where there are none. */
    readonly heldOutFrom: string | null;
    readonly folds: number;
    readonly rows: readonly ComparisonRow[];
  };
  /** Of the method that labels, on the given labels; this and the next two are null where labels are too few for folds. */
  readonly outOfFold: ClassificationScores | null;
  readonly calibration: Calibration | null;
  readonly riskCoverage: RiskCoverage | null;
  readonly hiddenTruth: HiddenTruth | null;
  readonly auditSample: AuditResult | null;
  /** Epochs of the pretext run; empty where weights were given. */
  readonly training: readonly Omit<EpochReport, 'imagesPerSecond'>[];
  /** A bounded sample of the images, laid out by UMAP of their features. */
  readonly map: readonly MapPoint[];
  readonly gallery: readonly {
    readonly name: string;
    readonly mostCertain: readonly ReportImage[];
    readonly leastCertain: readonly ReportImage[];
  }[];
  /** The most suspicious first; `suspectCount` covers all. */
  readonly suspects: readonly Suspect[];
  readonly suspectCount: number;
  /** The head of the review queue, least certain first; `counts.review` covers all. */
  readonly queue: readonly ReportImage[];
  /** The images to label next, best first. */
  readonly next: readonly { readonly image: number; readonly path: string; readonly reason: string }[];
  readonly provenance: {
    readonly command: readonly string[];
    readonly seed: number;
    readonly versions: Readonly<Record<string, string>>;
    readonly adapter: string;
    readonly fingerprint: string;
  };
}
