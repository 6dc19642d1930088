import type { Engine } from '../autograd/engine.ts';
import { currentTape } from '../autograd/tape.ts';
import { Tensor } from '../autograd/tensor.ts';
import { judgeGradients } from '../kernels/loss_scale.ts';

/** Where a loss scale starts, and when it grows. */
export interface LossScaleOptions {
  /** A power of two from 1 to 2²⁴. Default 2¹⁴. */
  readonly initial?: number;
  /** Steps without an overflow behind which the scale is doubled. Default 2000. */
  readonly interval?: number;
}

/**
 * Dynamic loss scale (Micikevicius et al. 2018, arXiv 1710.03740) for gradients that pass through f16: they are
 * computed `scale` times too large, so that small ones do not vanish, and the optimizer divides by it. A step with an
 * infinite or undefined gradient moves no weight and halves the scale. All of this stays on the GPU. An overflow in the
 * forward pass, which no scale can mend, shows in the loss.
 */
export class LossScale {
  /** f32 [4], what a resume needs: the scale, its inverse, steps since it changed, steps skipped so far. */
  readonly state: Tensor;
  /** f32 [1], the scale: the loss's gradient, from which `backward` starts. */
  readonly gradient: Tensor;
  readonly #engine: Engine;
  readonly #interval: number;
  readonly #overflowed: Tensor;

  constructor(engine: Engine, { initial = 2 ** 14, interval = 2000 }: LossScaleOptions = {}) {
    this.#engine = engine;
    this.#interval = interval;
    this.state = engine.input([4], 'f32', Float32Array.of(initial, 1 / initial, 0, 0));
    this.gradient = new Tensor({ shape: [1], dtype: 'f32' }, this.state.storage);
    this.#overflowed = engine.input([1], 'u32');
  }

  /**
   * Records the look at the gradients, blocks of 64, behind `backward`.
   * @returns f32 [1]: what an optimizer multiplies its gradients by; 0 where it is to leave everything as it is
   */
  judge(gradients: Tensor, blocks: number): Tensor {
    const tape = currentTape();
    const unscale = tape.temporary('inverse loss scale', [1]);
    const { find, judge } = judgeGradients(blocks, this.#interval);
    const overflowed = this.#overflowed;
    tape.dispatch(find, { gradients, overflowed });
    tape.dispatch(judge, { overflowed, state: this.state, unscale });
    return unscale;
  }

  /** The scale, and how many steps were skipped so far; waits for the latest step. */
  async read(): Promise<{ scale: number; skippedSteps: number }> {
    const [state] = await this.#engine.read(this.state);
    return { scale: state![0]!, skippedSteps: state![3]! };
  }

  /** Gives the memory back; programs that use it cannot run afterwards. */
  destroy(): void {
    for (const tensor of [this.state, this.#overflowed]) this.#engine.free(tensor);
  }
}
