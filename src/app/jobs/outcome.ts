import type { Report } from '../../label/report/report.ts';
import type { StageCost } from './stage_clock.ts';

/** A job that was stopped before its end; what it saved stays. */
export interface Interrupted {
  /** Tells an interrupted job from one that saved what it was asked for. */
  readonly interrupted: true;
  /** The run's folder. */
  readonly folder: string;
  /** The last step of the checkpoint that a resume goes on from; undefined where nothing was begun to be saved. */
  readonly step?: number;
}

/** A job that saved what it was asked for. */
export interface Saved {
  /** Tells a finished job from an interrupted one. */
  readonly interrupted: false;
  /** The run's folder. */
  readonly folder: string;
  /** Names of the files in the folder. */
  readonly files: readonly string[];
}

/** A labelling that came to its end. */
export interface LabelledRun extends Saved {
  /** What report.json holds. */
  readonly report: Report;
  /** What the training and the features of each start, and each method, took in this session. */
  readonly costs: readonly StageCost[];
}
