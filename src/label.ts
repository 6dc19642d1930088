/**
 * Labelling: given labels in, one pass of an encoder over all images, methods compared, a calibrated label for the rest.
 *
 * @module kindred/label
 */

// Given labels, and which images to predict.
export {
  type FileLabels,
  folderLabels,
  hideLabels,
  type NamedImages,
  readLabels,
} from './data/labels/labels.ts';
export type { ImageSource, Labels } from './data/sources/image_source.ts';
export { chooseTask, type LabelTask, type TaskOptions } from './label/task.ts';

// One pass over the images: features, copies, thumbnails.
export type { EncoderWeights } from './label/methods/methods.ts';
export type { Speed } from './label/pace.ts';
export { type Scan, type ScanOptions, scanImages } from './label/scan.ts';

// Methods compared, the best one's labels calibrated and checked.
export { labelImages } from './label/label_images.ts';
export type { Labelled, LabellingInputs, LabellingSettings } from './label/labelling.ts';
export type { LinearHead, LabellingModel } from './label/methods/methods.ts';
export { labellingMethods, type MethodName, type Start } from './label/methods/method_table.ts';
export type { ImagePool } from './label/methods/network_methods.ts';
export {
  type Calibration,
  type ConfidenceReliability,
  calibrate,
  calibratedProbabilities,
  type Reliability,
  type ReliabilityBin,
} from './label/confidence/calibration.ts';

// Labels as a file, and what is known of them.
export { type ImageLabel, type Status, statuses } from './label/image_label.ts';
export { labelsCsv, readLabelsCsv } from './label/files/labels_csv.ts';
export type {
  AuditResult,
  ClassCount,
  DataAudit,
  DuplicateGroup,
  HiddenTruth,
  MapPoint,
  Report,
  ReportImage,
  Suspect,
} from './label/report.ts';
export type { ClassificationScores, ClassScores } from './label/confidence/scores.ts';
export type { RiskCoverage, RiskCoveragePoint } from './label/confidence/risk_coverage.ts';
export type { ComparisonRow } from './label/methods/comparison.ts';
export type { Estimate } from './numerics/interval.ts';
export type { EpochReport } from './pretext/pretrain.ts';
