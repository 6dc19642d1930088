import { doubtfulAnswers } from '../../data/labels/doubtful_labels.ts';
import { leastImageSide, mostImageSide } from '../../encoder/recipe_schema.ts';
import { fits } from '../../platform/platform.ts';
import { type SettingsOf, settingsTable } from '../../setting.ts';

/** Default of what is chosen when the adapter and the images are known, in words. */
export const byAdapter = 'by adapter and data';

/** Which images, and what is known of them. */
export const dataSettings = settingsTable({
  data: {
    kind: { type: 'text' },
    unit: 'source',
    help: 'folder of images, cifar10:DIR, cifar100:DIR, stl10:DIR, idx:DIR, npz:FILE, hdf5:FILE, pack:DIR, or demo',
    default: 'demo',
  },
  labels: {
    kind: { type: 'text' },
    unit: 'labels',
    help: "CSV file with the header path,label ('none of these' for an image of no class), an export of Label Studio, CVAT, COCO, Pascal VOC (a folder) or JSON lines, or 'folders'",
    chosen: "the set's own",
  },
  doubtfulLabels: {
    kind: { type: 'choice', of: doubtfulAnswers },
    unit: 'answer',
    help: 'labels such as NA, ? or -1, and names that differ only by case. ask: refuse them; keep: they are classes; drop: what says that nothing is known is no label',
    default: 'ask',
  },
  labelsPerClass: {
    kind: { type: 'whole', min: 1 },
    unit: 'n',
    help: 'hide all but n labels of each class, to score what is predicted',
  },
  seed: {
    kind: { type: 'whole', min: 0 },
    unit: 'n',
    help: 'seeds every random choice but the folds of the labels',
    default: 0,
  },
  imageSize: {
    kind: { type: 'whole', min: leastImageSide, max: mostImageSide },
    unit: 'pixels',
    help: 'side of the images that the network sees',
    chosen: byAdapter,
  },
  limit: {
    kind: { type: 'whole', min: 2 },
    unit: 'n',
    help: 'at most so many training images; those with a label are never left out',
    chosen: byAdapter,
  },
  testLimit: {
    kind: { type: 'whole', min: 1 },
    unit: 'n',
    help: 'at most so many held-out test images',
    chosen: 'by adapter',
  },
  range: {
    kind: { type: 'text' },
    unit: 'range',
    help: 'which numbers of images with more than 8 bits are shown black and white: auto (one range for the set, by its images, or as DICOM files say), file (each image its own), or LOW,HIGH such as 0,4095',
    default: 'auto',
  },
  fit: {
    kind: { type: 'choice', of: fits },
    unit: 'way',
    help: 'how an image that is no square becomes one: crop (its longer side is cut), pad (black fills the shorter one), squash (it is squeezed)',
    default: 'crop',
  },
});

/** Which images a job works on and what is known of them, with defaults filled in. */
export type DataSettings = SettingsOf<typeof dataSettings>;
