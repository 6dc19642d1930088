import { type GivenSettings, settingsTable } from '../../setting.ts';
import { labellingSettings } from './common.ts';
import { labelSettings } from './jobs.ts';

const { out, data, labels, ...others } = labelSettings;
const ofMerge = new Set<string>(Object.keys(labellingSettings));
/** What the starts of a labelling follow from; how it labels is said when the shards are merged. */
const startsOfLabelling = Object.fromEntries(
  Object.entries(others).filter(([name]) => !ofMerge.has(name)),
) as Omit<typeof others, keyof typeof labellingSettings>;

const job = {
  kind: { type: 'text' },
  unit: 'folder',
  help: 'the folder that shard plan made',
  required: true,
} as const;

/** The table of the settings of `planShards`. */
export const planShardsSettings = settingsTable({
  ...startsOfLabelling,
  data,
  labels,
  shards: {
    kind: { type: 'whole', min: 1, max: 100_000 },
    unit: 'n',
    help: 'parts of about equally many images; fewer where there are not enough images',
    required: true,
  },
  first: {
    kind: { type: 'whole', min: 0 },
    unit: 'n',
    help: 'number of the first shard, as the array of jobs counts',
    default: 0,
  },
  step: {
    kind: { type: 'whole', min: 1 },
    unit: 'n',
    help: 'between the numbers of two shards',
    default: 1,
  },
  out: { kind: { type: 'text' }, unit: 'folder', help: 'the folder to make', required: true },
});
/** Settings of `planShards`; `run`, `shards` and `out` must be given. */
export type PlanShardsSettings = GivenSettings<typeof planShardsSettings>;

/** The table of the settings of `runShard`. */
export const runShardSettings = settingsTable({
  job,
  shard: {
    kind: { type: 'text' },
    unit: 'which',
    help: "auto: by SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or AWS_BATCH_JOB_ARRAY_INDEX; a shard's number; or i/n, the i-th of n from 1",
    default: 'auto',
  },
  data: {
    kind: { type: 'text' },
    unit: 'source',
    help: 'where the images are, seen from here',
    chosen: "the plan's",
  },
  save: {
    kind: { type: 'real', above: 0 },
    unit: 'seconds',
    help: 'save what is done so far after so long, for an attempt that comes after a crash',
    default: 120,
  },
});
/** Settings of `runShard`; `job` must be given. */
export type RunShardSettings = GivenSettings<typeof runShardSettings>;

/** The table of the settings of `missingShards`. */
export const missingShardsSettings = settingsTable({ job });
/** Settings of `missingShards`; `job` must be given. */
export type MissingShardsSettings = GivenSettings<typeof missingShardsSettings>;

/** The table of the settings of `mergeShards`. */
export const mergeShardsSettings = settingsTable({
  job,
  out: { ...out, chosen: "into the run's folder" },
  run: {
    kind: { type: 'text' },
    unit: 'folder',
    help: 'where the run is, seen from here',
    chosen: "the plan's",
  },
  data: { ...data, chosen: "the plan's" },
  labels,
  doubtfulLabels: labelSettings.doubtfulLabels,
  ...labellingSettings,
  tune: labelSettings.tune,
});
/** Settings of `mergeShards`; `job` must be given. */
export type MergeShardsSettings = GivenSettings<typeof mergeShardsSettings>;
