import type { LabelOrigin, OriginName } from '../../data/labels/origin.ts';
import type { Status } from '../../data/labels/status.ts';
import type { UnreadableImage } from '../../data/sources/image_stream.ts';
import type { FeatureFile } from '../../encoder/classifier_head.ts';
import type { EncoderCard } from '../../encoder/encoder_card.ts';
import type { TrainingRecord } from '../../pretext/training_record.ts';
import type { ClassEstimate, ErrorShare } from '../confidence/audit_shares.ts';
import type { Calibration } from '../confidence/calibration.ts';
import type { Likeness } from '../confidence/likeness.ts';
import type { RiskCoverage } from '../confidence/risk_coverage.ts';
import type { ClassificationScores } from '../confidence/scores.ts';
import type { FixedScenes } from '../findings/fixed_scenes.ts';
import type { GroupsFound } from '../groups/describe_groups.ts';
import type { OrderCheck } from '../groups/order_check.ts';
import type { ImageLabel } from '../image_label.ts';
import type { ComparisonRow } from '../methods/comparison.ts';
import type { UnnamedFound } from '../novelty/unnamed_found.ts';
import type { CopiesFound } from './copies_found.ts';
import type { Estimates } from './estimates.ts';

/** An image in the report, by whose number its thumbnail is asked for. */
export interface ReportImage extends ImageLabel {
  /** Its number in the source. */
  readonly image: number;
}

/** What the images turned out to be, before anything was predicted of them. */
export interface DataAudit extends CopiesFound {
  /** Backgrounds that many images have in common, as those of fixed cameras have. */
  readonly scenes: FixedScenes;
  /** One line: how many images of which parts, read from what. */
  readonly description: string;
  /** Images read and labelled. */
  readonly images: number;
  /** The first of the images that could not be read; `unreadableCount` covers all. */
  readonly unreadable: readonly UnreadableImage[];
  /** All images that could not be read. */
  readonly unreadableCount: number;
  /** Images unlike everything labelled, the most unusual first; `outlierCount` covers all. */
  readonly outliers: readonly ReportImage[];
  /** All images that are unlike everything labelled. */
  readonly outlierCount: number;
}

/** Images of one class by how they came by it. */
export interface ClassCount {
  /** The class's name. */
  readonly name: string;
  /** Images that people gave this class. */
  readonly given: number;
  /** Images predicted as this class and labelled automatically. */
  readonly auto: number;
  /** Images predicted as this class that wait for review. */
  readonly review: number;
}

/** A given label that the other labels speak against. */
export interface Suspect {
  /** Number of the image in the source. */
  readonly image: number;
  /** The image's path. */
  readonly path: string;
  /** Name of the class that it was given. */
  readonly given: string;
  /** Name of the class that the other labels speak for. */
  readonly suggested: string;
  /** Calibrated out-of-fold probability of the given class. */
  readonly givenProbability: number;
  /** Calibrated out-of-fold probability of the suggested class. */
  readonly suggestedProbability: number;
}

/** An image on the map of the embedding. */
export interface MapPoint {
  /** Its number in the source. */
  readonly image: number;
  /** First coordinate, from −1 to 1. */
  readonly x: number;
  /** Second coordinate, from −1 to 1. */
  readonly y: number;
  /** Name of its class, given or predicted. */
  readonly label: string;
  /** How far the label is to be trusted. */
  readonly status: Status;
  /** The image's path. */
  readonly path: string;
  /** Calibrated probability that the label is right; 1 for given labels. */
  readonly confidence: number;
}

/** The surest and the least sure predictions of a class. */
export interface ClassGallery {
  /** The class's name. */
  readonly name: string;
  /** The surest predictions of the class, the surest first. */
  readonly mostCertain: readonly ReportImage[];
  /** The least sure predictions of the class, the least sure first. */
  readonly leastCertain: readonly ReportImage[];
}

/** An image to label next, why, and whether chance or its use proposes it. */
export interface NextProposal extends LabelOrigin {
  /** Its number in the source. */
  readonly image: number;
  /** The image's path. */
  readonly path: string;
  /** Why it is proposed, in words. */
  readonly reason: string;
}

/** Scores of automatic and of all predicted labels against truth that was hidden from training. */
export interface HiddenTruth {
  /** Scores of all predicted labels. */
  readonly all: ClassificationScores;
  /** Null where nothing was labelled automatically. */
  readonly auto: ClassificationScores | null;
}

/** What is promised of the automatic labels, and how far it is checked. */
export interface LabelPromise {
  /**
   * `none`: nothing is automatic. `provisional`: it speaks of images like the labelled ones, and whether the others are
   * like them nothing has checked yet. `audited`: a random sample of the automatic labels themselves has been checked.
   */
  readonly state: 'none' | 'provisional' | 'audited';
  /** The error that the user allows among automatic labels, 0 … 1; null where there were too few labels to test one. */
  readonly target: number | null;
  /** Whether the target is promised, with 95% confidence. */
  readonly kept: boolean;
}

/**
 * What an audit came to: all of the sample that has come back so far, up to the last row that is filled in. Where nothing
 * is automatic since, `riskCoverage.chosen` is null.
 */
export interface AuditResult {
  /** Labels that a person has checked. */
  readonly checked: number;
  /** Rows left empty, or deleted, above the last one that is filled in; the bound counts them as wrong. */
  readonly leftOut: number;
  /** Checked labels that are wrong. */
  readonly errors: number;
  /**
   * One-sided 95% upper bound of the error among the labels that the sample was drawn from, before the check; it holds at
   * all returns at once.
   */
  readonly bound: number;
  /** The error that the run promises at most. */
  readonly target: number;
  /** Whether the target is kept, by all automatic labels or by those of a raised threshold. */
  readonly kept: boolean;
  /** How many automatic labels the sample was drawn from. */
  readonly population: number;
  /** Least confidence of the automatic labels that the sample was drawn from. */
  readonly drawnAt: number;
  /**
   * The threshold to which the sample raised it so that the target holds, null where it did not. It was chosen by the
   * same sample: what is promised above it is the target, not a bound of the rows above it.
   */
  readonly raisedTo: number | null;
  /** Audits of the run before its labels changed; each makes a later one stricter. */
  readonly earlierAudits: number;
  /** Error by the class that was predicted. */
  readonly byClass: readonly (ErrorShare & { readonly name: string })[];
  /** Error by confidence, the surest first. */
  readonly byConfidence: readonly (ErrorShare & { readonly from: number; readonly to: number })[];
  /** How many of the automatic labels show each class in truth. */
  readonly classCounts: readonly ClassEstimate[];
}

/** What makes the same labels again. */
export interface Provenance {
  /** The command's words, without the program. */
  readonly command: readonly string[];
  /** Seeds every random choice of the labelling. */
  readonly seed: number;
  /** Versions by the name of what has them. */
  readonly versions: Readonly<Record<string, string>>;
  /** The adapter's name. */
  readonly adapter: string;
  /** SHA-256 of the readable images, in hex. */
  readonly fingerprint: string;
  /** Files of features that other programs made, as they were read. */
  readonly featureFiles?: readonly FeatureFile[];
}

/**
 * All that report.html shows and report.json holds. Nothing in it depends on the clock: the same command on the same
 * adapter gives the same bytes.
 */
export interface Report extends Estimates {
  /** The page's heading. */
  readonly title: string;
  /** What a person must know before trusting the labels, most important first. */
  readonly warnings: readonly string[];
  /** Images of each status. */
  readonly counts: Readonly<Record<Status, number>>;
  /** What the images turned out to be, before anything was predicted of them. */
  readonly audit: DataAudit;
  /** Images of each class, by the class's number. */
  readonly classes: readonly ClassCount[];
  /** Given labels by how their images came to be labelled (see `checks`); given.csv says it of each. */
  readonly origins: Readonly<Record<OriginName, number>>;
  /** Images of which a person said that they belong to none of the classes; absent where there are none. */
  readonly noneOfThese?: number;
  /** What speaks for classes that nobody named; absent where labels are too few to tell. */
  readonly unnamed?: UnnamedFound;
  /** The encoders that were compared, each with its recipe and who says it; absent where there were none. */
  readonly encoders?: readonly EncoderCard[];
  /** How the methods compare: a row each, in folds of the given labels and on held-out images. */
  readonly comparison: {
    /** In words: which images the held-out column is scored on; null where there are none. */
    readonly heldOutFrom: string | null;
    readonly folds: number;
    readonly rows: readonly ComparisonRow[];
  };
  /** How labels are spread over groups that count as one observation each; absent where each image counts. */
  readonly groups?: GroupsFound;
  /** How a method does on images whose neighbours by name it has not seen; absent where that was not tried. */
  readonly order?: OrderCheck;
  /** Classes whose share of the labels is too far from that of the images to promise anything; absent where none is. */
  readonly limitedClasses?: readonly string[];
  /** Whether the labelled images are like the others; absent where there are too few to tell. */
  readonly likeness?: Likeness;
  /** Out-of-fold scores, on the given labels, of the method that labels; null where labels are too few for folds. */
  readonly outOfFold: ClassificationScores | null;
  /** The fitted temperature and what it changes; null where labels are too few for folds. */
  readonly calibration: Calibration | null;
  /** Error against coverage, and the chosen threshold; null where labels are too few for folds. */
  readonly riskCoverage: RiskCoverage | null;
  /** Scores against truth that was hidden from training; null where none was. */
  readonly hiddenTruth: HiddenTruth | null;
  /** What is promised of the automatic labels, and whether an audit has checked it. */
  readonly promise: LabelPromise;
  /** What the audit came to; null until a checked sample of the automatic labels has come back. */
  readonly auditSample: AuditResult | null;
  /** The pretext run; null where the encoder was given. */
  readonly training: TrainingRecord | null;
  /** A bounded sample of the images, laid out by UMAP of their features. */
  readonly map: readonly MapPoint[];
  /** The surest and the least sure predictions of each class. */
  readonly gallery: readonly ClassGallery[];
  /** Given labels that the others speak against, the most suspicious first; `suspectCount` covers all. */
  readonly suspects: readonly Suspect[];
  /** All given labels that the others speak against. */
  readonly suspectCount: number;
  /** The head of the review queue, least certain first; `counts.review` covers all. */
  readonly queue: readonly ReportImage[];
  /** The images to label next, best first. */
  readonly next: readonly NextProposal[];
  /** What makes the same labels again. */
  readonly provenance: Provenance;
}
