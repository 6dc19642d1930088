/**
 * Labelling: the jobs that the command line runs, for programs and pages, and what they are made of: given labels in,
 * features of all images, methods compared, a calibrated label for the rest.
 *
 * @module kindred/label
 */

// Jobs: typed settings in, a run's folder or files out, told to a reporter on the way.
export { type AuditOutcome, returnAudit } from './app/jobs/return_audit.ts';
export { type ComparedRun, compareRun } from './app/jobs/compare_run.ts';
export { drawPairs, type PairsOutcome } from './app/jobs/draw_pairs.ts';
export { evaluateRun } from './app/jobs/evaluate_run.ts';
export { type ExportOutcome, exportRun } from './app/jobs/export_run.ts';
export { type AdapterReport, inspectAdapter } from './app/jobs/inspect_adapter.ts';
export { labelRun } from './app/jobs/label_run.ts';
export { type NextOutcome, nextRun } from './app/jobs/next_run.ts';
export type { Interrupted, LabelledRun, Saved } from './app/jobs/outcome.ts';
export type { StageCost } from './app/jobs/stage_clock.ts';
export { type PreparedPack, prepareRun } from './app/jobs/prepare_run.ts';
export { pretrainRun } from './app/jobs/pretrain_run.ts';
export { trainRun } from './app/jobs/train_run.ts';
export {
  type JobContext,
  type Progress,
  type Reporter,
  silentReporter,
  type TrainedEpoch,
} from './app/reporter.ts';
export {
  type AuditSettings,
  type AugmentSettings,
  auditSettings,
  augmentSettings,
  type EvaluateSettings,
  type ExportSettings,
  evaluateSettings,
  exportSettings,
  type LabelSettings,
  labelSettings,
  type NextSettings,
  nextSettings,
  type PrepareSettings,
  type PretrainSettings,
  prepareSettings,
  pretrainSettings,
  type TrainSettings,
  trainSettings,
} from './app/settings/jobs.ts';
export { type CompareSettings, type ComparedName, compareSettings } from './app/settings/compare.ts';
export type { GivenSettings, SettingsOf } from './setting.ts';

// Given labels, and which images to predict.
export { folderLabels } from './data/labels/class_numbers.ts';
export { type DoubtfulAnswer, doubtfulAnswers } from './data/labels/doubtful_labels.ts';
export {
  type GivenRows,
  type GivenRowsOptions,
  type NamedImages,
  type PathLabel,
  readGivenRows,
} from './data/labels/given_rows.ts';
export { isAnswered, noneOfThese, noneOfTheseText, readLabel } from './data/labels/none_of_these.ts';
export { hideLabels } from './data/labels/hidden_labels.ts';
export type { Labels } from './data/sources/image_stream.ts';
export type { Packed } from './data/sources/pack/write_pack.ts';
export { chooseTask, type LabelTask, type TaskOptions } from './label/task.ts';

// What labelling stands on: features of all images, and what is known of them whatever the encoder.
export type { Speed } from './label/pace.ts';
export type { FeatureFile, KnownFile } from './encoder/classifier_head.ts';
export { type ImageCensus, takeCensus } from './label/scan/census.ts';
export { encodeImages, encoderOrigin, encoderStart, scanImages } from './label/scan/encoder_scan.ts';
export type { CardSource, EncoderCard, HubOrigin, RecipePart } from './encoder/encoder_card.ts';
export type { InputRecipe } from './encoder/recipe.ts';
export { type FeatureTable, readFeatureFile } from './label/scan/feature_file.ts';
export type {
  EncoderOrigin,
  FeatureOrigin,
  FeatureRows,
  Features,
  TrainedEncoder,
} from './label/scan/features.ts';
export type { ReadingOptions } from './label/scan/read_through.ts';
export { knownStart, type Scan, type ScanRequest, type Start } from './label/scan/start.ts';

// Methods compared, the best one's labels calibrated and checked.
export type { GroupsFound } from './label/groups/describe_groups.ts';
export { type GivenGroups, groupsByName } from './label/groups/observation_groups.ts';
export type { OrderCheck } from './label/groups/order_check.ts';
export type { LabellingInputs, LabellingOptions } from './label/inputs.ts';
export type { LabellingModel } from './label/methods/method.ts';
export {
  labellingMethods,
  type LabellingMethodName,
  type NetworkTraining,
} from './label/methods/method_registry.ts';
export type { FineTuning } from './label/methods/network_rates.ts';
export type { ImagePool } from './label/methods/recipe_pool.ts';
export { type LabellingResult, labelImages } from './label/pipeline.ts';
export {
  type Calibration,
  type ConfidenceReliability,
  calibrate,
  calibratedProbabilities,
  type Reliability,
  type ReliabilityBin,
} from './label/confidence/calibration.ts';

// Labels as a file, and what is known of them.
export { type LabelOrigin, type OriginName, type Origins, originNames } from './data/labels/origin.ts';
export { type Status, statuses } from './data/labels/status.ts';
export type { ImageLabel } from './label/image_label.ts';
export { labelsCsv, readLabelsCsv } from './label/files/labels_csv.ts';
export type { ClassEstimate, CountEstimate, ErrorShare } from './label/confidence/audit_shares.ts';
export type {
  AuditResult,
  ClassCount,
  ClassGallery,
  DataAudit,
  HiddenTruth,
  LabelPromise,
  MapPoint,
  NextProposal,
  Provenance,
  Report,
  ReportImage,
  Suspect,
} from './label/report/report.ts';
export type { FixedScenes } from './label/findings/fixed_scenes.ts';
export type {
  CopiesFound,
  DuplicateGroup,
  LabelConflict,
  NearGroups,
} from './label/report/copies_found.ts';
export type { Evaluation, KnownRisk } from './label/confidence/evaluation.ts';
export type { ClassificationScores, ClassScores } from './label/confidence/scores.ts';
export type { FolderAccuracy } from './label/confidence/folder_accuracy.ts';
export type { Novelty } from './label/novelty/novelty.ts';
export type { NewGroupFound, UnlikeImage, UnnamedFound } from './label/novelty/unnamed_found.ts';
export type { Likeness } from './label/confidence/likeness.ts';
export type { Estimates, NoiseEstimate, ShareEstimate } from './label/report/estimates.ts';
export type { RiskCoverage, RiskCoveragePoint } from './label/confidence/risk_coverage.ts';
export type {
  ComparedEncoder,
  CurvePoint,
  EncoderComparison,
  LabelCurve,
} from './label/compare/result.ts';
export type { Automatic, ComparisonRow } from './label/methods/comparison.ts';
export type { MixtureShare } from './numerics/sampling/mixture_share.ts';
export type { Estimate } from './numerics/interval.ts';
export type {
  EpochFigures,
  MetricRecord,
  TrainingPictures,
  TrainingRecord,
} from './pretext/training_record.ts';
