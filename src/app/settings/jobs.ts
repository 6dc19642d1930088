import { statuses } from '../../data/labels/status.ts';
import { type GivenSettings, type SettingsOf, settingsTable } from '../../setting.ts';
import { formatNames } from '../exports/format_names.ts';
import {
  downloadSettings,
  labellingSettings,
  optionalPretext,
  pretextSettings,
  runSettings,
  startSettings,
  tuningSettings,
} from './common.ts';
import { dataSettings } from './data.ts';

/** What a run of `train` or `pretrain` is: its config.json holds these, and a resume keeps those that are left open. */
export const keptSettings = settingsTable({
  ...dataSettings,
  ...pretextSettings,
  pretext: optionalPretext,
  ...startSettings,
  ...labellingSettings,
});

/** What a run of training is, with defaults filled in: its config.json holds these. */
export type KeptSettings = SettingsOf<typeof keptSettings>;

/** The table of the settings of `trainRun`. */
export const trainSettings = settingsTable({
  ...keptSettings,
  ...downloadSettings,
  ...tuningSettings,
  ...runSettings,
});
/** Settings of `trainRun`, each of which may be left open. */
export type TrainSettings = GivenSettings<typeof trainSettings>;

/** The table of the settings of `pretrainRun`. */
export const pretrainSettings = settingsTable({
  ...dataSettings,
  ...pretextSettings,
  ...downloadSettings,
  ...tuningSettings,
  ...runSettings,
});
/** Settings of `pretrainRun`, each of which may be left open. */
export type PretrainSettings = GivenSettings<typeof pretrainSettings>;

/** How processes that MPI started together train one model. */
export const rankSettings = settingsTable({
  devices: {
    kind: { type: 'text' },
    unit: 'n',
    help: "how many of this machine's GPUs work together, each by a process of its own, or all (started by mpirun)",
    chosen: 'one, the best',
  },
  bn: {
    kind: { type: 'choice', of: ['global', 'local'] },
    unit: 'rows',
    help: 'among ranks: whose rows batch norm in training takes its statistics of, those of all ranks or of each its own',
    default: 'global',
  },
  wire: {
    kind: { type: 'choice', of: ['f32', 'f16'] },
    unit: 'type',
    help: 'among ranks: what gradients are sent as; f16 is half the bytes',
    default: 'f32',
  },
  patience: {
    kind: { type: 'real', above: 0 },
    unit: 'seconds',
    help: 'among ranks: how long one waits for the others before the run is given up',
    default: 300,
  },
});
/** Settings of `openRanks`, each of which may be left open. */
export type RankSettings = GivenSettings<typeof rankSettings>;

/** Which earlier run a job goes on from, and where its images are. */
const earlierRun = settingsTable({
  run: {
    kind: { type: 'text' },
    unit: 'folder',
    help: 'an earlier run of train, pretrain or label',
    required: true,
  },
  data: {
    kind: { type: 'text' },
    unit: 'source',
    help: 'where the images are now, or more of them',
    chosen: "the run's",
  },
});

const { default: _, ...encoder } = startSettings.encoder;
const chosenByRun = "the run's";
/** The settings of what methods start from, where an earlier run says what is left open. */
const startsOfRun = settingsTable({
  ...startSettings,
  encoder: { ...encoder, chosen: chosenByRun },
  weights: { ...startSettings.weights, chosen: chosenByRun },
  features: { ...startSettings.features, chosen: chosenByRun },
});

/** The table of the settings of `labelRun`. */
export const labelSettings = settingsTable({
  ...earlierRun,
  labels: {
    kind: { type: 'text' },
    unit: 'labels',
    help: "CSV file with the header path,label, whose rows are added to the run's given labels, or 'folders'",
  },
  doubtfulLabels: dataSettings.doubtfulLabels,
  labelsPerClass: {
    kind: { type: 'whole', min: 1 },
    unit: 'n',
    help: 'hide all but n labels of each class, drawn anew',
  },
  seed: {
    kind: { type: 'whole', min: 0 },
    unit: 'n',
    help: 'draws labels and folds',
    chosen: "the run's",
  },
  out: {
    kind: { type: 'text' },
    unit: 'folder',
    help: 'where the files go',
    chosen: "into the run's folder",
  },
  ...startsOfRun,
  ...downloadSettings,
  ...labellingSettings,
  ...tuningSettings,
});
/** Settings of `labelRun`; only `run` must be given. */
export type LabelSettings = GivenSettings<typeof labelSettings>;

/** The table of the settings of `returnAudit`. */
export const auditSettings = settingsTable({
  ...earlierRun,
  audit: {
    kind: { type: 'text' },
    unit: 'file',
    help: "the run's audit.csv with checked_label filled in: only renews the bound, trains nothing",
    required: true,
  },
});
/** Settings of `returnAudit`; `run` and `audit` must be given. */
export type AuditSettings = GivenSettings<typeof auditSettings>;

/** The table of the settings of `nextRun`. */
export const nextSettings = settingsTable({
  run: {
    kind: { type: 'text' },
    unit: 'folder',
    help: 'a run of train, label or pretrain; without any label yet, where to begin',
    required: true,
  },
  data: earlierRun.data,
  budget: {
    kind: { type: 'whole', min: 1, max: 10_000 },
    unit: 'n',
    help: 'images to propose',
    default: 40,
  },
  randomShare: labellingSettings.randomShare,
  seed: { kind: { type: 'whole', min: 0 }, unit: 'n', help: 'of the clusters', chosen: "the run's" },
  ...tuningSettings,
});
/** Settings of `nextRun`; only `run` must be given. */
export type NextSettings = GivenSettings<typeof nextSettings>;

/** The table of the settings of `evaluateRun`. */
export const evaluateSettings = settingsTable({
  run: { kind: { type: 'text' }, unit: 'folder', help: "the earlier run's folder", required: true },
  truth: {
    kind: { type: 'text' },
    unit: 'truth',
    help: "CSV file with the header path,label, 'folders' (sub-folder names), or 'own' (the data set's own labels)",
    required: true,
  },
  data: {
    kind: { type: 'text' },
    unit: 'source',
    help: "own: where the run's data are now",
    chosen: 'where they were',
  },
});
/** Settings of `evaluateRun`; `run` and `truth` must be given. */
export type EvaluateSettings = GivenSettings<typeof evaluateSettings>;

/** The table of the settings of `exportRun`. */
export const exportSettings = settingsTable({
  run: { kind: { type: 'text' }, unit: 'folder', help: "the earlier run's folder", required: true },
  format: {
    kind: { type: 'choices', of: formatNames },
    unit: 'names',
    help: `one or several of ${formatNames.join(', ')}`,
    required: true,
  },
  out: { kind: { type: 'text' }, unit: 'folder', help: 'the folder to make', required: true },
  statuses: {
    kind: { type: 'choices', of: statuses },
    unit: 'names',
    help: `only labels of these: ${statuses.join(', ')}`,
    chosen: 'given,auto for imagefolder and coco, all for others',
  },
  copy: {
    kind: { type: 'flag' },
    help: 'imagefolder: copies of the images instead of links to them',
    default: false,
  },
  data: {
    kind: { type: 'text' },
    unit: 'source',
    help: "where the run's images are now",
    chosen: 'where they were',
  },
  ...tuningSettings,
});
/** Settings of `exportRun`; `run`, `format` and `out` must be given. */
export type ExportSettings = GivenSettings<typeof exportSettings>;

const {
  labels: _labels,
  doubtfulLabels: _doubtful,
  labelsPerClass: _perClass,
  ...imagesToPack
} = dataSettings;
/** The table of the settings of `prepareRun`. */
export const prepareSettings = settingsTable({
  ...imagesToPack,
  imageSize: {
    ...dataSettings.imageSize,
    help: 'side of the squares',
    chosen: '32, 48 or 64 by the images; a binary set keeps its own',
  },
  limit: { ...dataSettings.limit, help: 'at most so many training images', chosen: 'all' },
  testLimit: { ...dataSettings.testLimit, chosen: 'all' },
  out: { kind: { type: 'text' }, unit: 'folder', help: 'the folder to make', required: true },
});
/** Settings of `prepareRun`; `out` must be given. */
export type PrepareSettings = GivenSettings<typeof prepareSettings>;

/** The table of the settings of `drawPairs`. */
export const augmentSettings = settingsTable({
  ...dataSettings,
  policy: { ...pretextSettings.policy, chosen: 'by image size' },
  count: { kind: { type: 'whole', min: 1, max: 200 }, unit: 'n', help: 'images on the sheet', default: 12 },
  out: { kind: { type: 'text' }, unit: 'file', help: 'the PNG file', default: 'pairs.png' },
});
/** Settings of `drawPairs`, each of which may be left open. */
export type AugmentSettings = GivenSettings<typeof augmentSettings>;
