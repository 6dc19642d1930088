import { named, RunError, sentence } from '../errors.ts';
import { describeUnsound, type UnsoundNumber } from '../numerics/finite.ts';
import type { LossScaleReading } from '../optim/loss_scale.ts';

/**
 * Of the chance loss: a collapsed encoder's views tell nothing, so its loss is near chance. In a run's first tens of
 * steps the running statistics lag behind, and a healthy encoder's features can look equal in evaluation mode alone.
 */
const collapsedLossShare = 0.95;
/** Epochs in a row with collapsed features before the run is given up. */
const collapsedEpochsAllowed = 3;

/** Where a run's latest checkpoint stands; step 0: there is none. */
interface Saved {
  readonly step: number;
}

const kept = ({ step }: Saved): string =>
  step > 0 ? `the checkpoint of step ${step} is kept` : 'no epoch was saved';

const slower = sentence`lower ${named('learningRate')} or raise ${named('warmup')}`;

/**
 * @param saved where the latest checkpoint stands
 * @throws RunError where the loss of a step is not finite
 */
export function requireFiniteLoss(loss: number, step: number, learningRate: number, saved: Saved): void {
  if (Number.isFinite(loss)) return;
  throw new RunError(
    sentence`the loss is ${loss} at step ${step + 1} (learning rate ${learningRate.toPrecision(3)}): training diverged; ${slower}; ${kept(saved)}`,
  );
}

/** What a run ends with whose model, or whose optimizer's state, has a number that nothing can go on from. */
export const unsoundTensor = (found: UnsoundNumber, saved: Saved): RunError =>
  new RunError(
    sentence`the tensor '${found.name}' went wrong: ${describeUnsound(found)}, and nothing is saved of it; training diverged; ${slower}; ${kept(saved)}`,
  );

/** Steps of one look at the loss scale at least, or an epoch, where that is shorter. */
const stepsOfSkipLook = 8;

/**
 * Looks at which steps a loss scale skips: a few while it finds its size, and one now and then, are as they should be.
 */
export class SkippedSteps {
  readonly #least: number;
  #from: { readonly step: number } & LossScaleReading;

  /** @param step steps done when `reading` was taken */
  constructor(step: number, reading: LossScaleReading, stepsPerEpoch: number) {
    this.#least = Math.min(stepsOfSkipLook, stepsPerEpoch);
    this.#from = { step, ...reading };
  }

  /**
   * @param step steps done
   * @throws RunError where most steps since the last look were skipped and no smaller scale can help
   */
  check(step: number, reading: LossScaleReading, learningRate: number, saved: Saved): void {
    const steps = step - this.#from.step;
    if (steps < this.#least) return;
    const forward = reading.forwardOverflows - this.#from.forwardOverflows;
    const skipped = reading.skippedSteps - this.#from.skippedSteps;
    this.#from = { step, ...reading };
    const [what, count] =
      2 * forward > steps ? ['activations', forward] : ['gradients', reading.scale === 1 ? skipped : 0];
    if (2 * count <= steps) return;
    const scale = what === 'gradients' ? ' at the least loss scale' : '';
    throw new RunError(
      sentence`the ${what} of ${count} of the last ${steps} steps up to step ${step} overflow f16${scale} (learning rate ${learningRate.toPrecision(3)}), so these steps were skipped: training diverged, or needs f32; ${slower}, or leave ${named('precision')} out; ${kept(saved)}`,
    );
  }
}

/**
 * Whether an epoch was one of a collapsed encoder.
 * @param collapsed whether its features are all alike
 * @param chanceLoss what its loss is for a model that knows nothing; null where there is no such value
 */
export const isCollapse = (collapsed: boolean, loss: number, chanceLoss: number | null): boolean =>
  collapsed && (chanceLoss === null || loss > collapsedLossShare * chanceLoss);

/** @throws RunError after too many epochs in a row of a collapsed encoder */
export function requireVariety(collapsedEpochs: number, epoch: number): void {
  if (collapsedEpochs < collapsedEpochsAllowed) return;
  throw new RunError(
    sentence`the features of all images have been nearly equal for ${collapsedEpochs} epochs up to epoch ${epoch + 1}: the encoder collapsed; lower ${named('learningRate')}, raise ${named('batch')} or choose a milder ${named('policy')}`,
  );
}
