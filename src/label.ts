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
  labelsOf,
  type PathLabel,
  readGivenRows,
  readLabels,
} from './data/labels/labels.ts';
export { chooseTask, type LabelTask, type TaskOptions } from './label/task.ts';

// One pass over the images: features, copies, thumbnails.
export { type Scan, type ScanOptions, scanImages } from './label/scan.ts';

// Methods compared, the best one's labels calibrated and checked.
export { labelImages } from './label/label_images.ts';
export type { Labelled, LabellingInputs, LabellingSettings } from './label/labelling.ts';
export { type Calibration, calibratedProbabilities, calibrate } from './label/confidence/calibration.ts';

// Labels as a file.
export { type ImageLabel, type Status, statuses } from './label/image_label.ts';
export { labelsCsv, readLabelsCsv } from './label/files/labels_csv.ts';
export type { Report } from './label/report.ts';
