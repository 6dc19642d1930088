import { named, RunError, sentence } from '../errors.ts';
import type { Progress } from './checkpoint.ts';

/**
 * Of the chance loss: a collapsed encoder's views tell nothing, so its loss is near chance. In a run's first tens of
 * steps the running statistics lag behind, and a healthy encoder's features can look equal in evaluation mode alone.
 */
const collapsedLossShare = 0.95;
/** Epochs in a row with collapsed features before the run is given up. */
const collapsedEpochsAllowed = 3;

/**
 * @param saved where the latest checkpoint stands
 * @throws RunError where the loss of a step is not finite
 */
export function requireFiniteLoss(loss: number, step: number, learningRate: number, saved: Progress): void {
  if (Number.isFinite(loss)) return;
  const kept = saved.step > 0 ? `the checkpoint of step ${saved.step} is kept` : 'no epoch was saved';
  throw new RunError(
    sentence`the loss is ${loss} at step ${step + 1} (learning rate ${learningRate.toPrecision(3)}): training diverged; lower ${named('learningRate')} or raise ${named('warmup')}; ${kept}`,
  );
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
