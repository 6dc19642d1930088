import type { Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { currentTape } from '../autograd/tape.ts';
import { Tensor } from '../autograd/tensor.ts';
import type { Storage } from '../gpu/storage.ts';
import { findOverflow, judgeStep, keepAndPutBack, overflowNotes } from '../kernels/loss_scale.ts';
import { blockElements } from '../kernels/optimizer.ts';

/** Where a loss scale starts, and when it grows. */
export interface LossScaleOptions {
  /** A power of two from 1 to 2²⁴. Default 2¹⁴. */
  readonly initial?: number;
  /** Steps without an overflow behind which the scale is doubled. Default 2000. */
  readonly interval?: number;
}

/** What a loss scale has come to. */
export interface LossScaleReading {
  /** The scale. */
  readonly scale: number;
  /** Steps skipped so far, those before a resume too. */
  readonly skippedSteps: number;
  /** Those of them, since the loss scale was made, whose forward pass overflowed: no scale mends that. */
  readonly forwardOverflows: number;
}

/** What a step may have to be put back to: a whole storage of running statistics, and its copy. */
interface Kept {
  readonly statistics: Tensor;
  readonly copy: Tensor;
}

/**
 * Dynamic loss scale (Micikevicius et al. 2018, arXiv 1710.03740) for gradients that pass through f16: they are
 * computed `scale` times too large, so that small ones do not vanish, and the optimizer divides by it. A step with an
 * infinite or undefined gradient is not taken: no weight moves, running statistics are what they were before it, and
 * the scale is halved; or stays, where the forward pass overflowed already, which no scale can mend. All of this stays
 * on the GPU.
 */
export class LossScale {
  /** f32 [4], what a resume needs: the scale, its inverse, steps since it changed, steps skipped so far. */
  readonly state: Tensor;
  /** f32 [1], the scale: the loss's gradient, from which `backward` starts. */
  readonly gradient: Tensor;
  readonly #engine: Engine;
  readonly #interval: number;
  readonly #found: Tensor;
  readonly #kept = new Map<Parameters, readonly Kept[]>();

  constructor(engine: Engine, { initial = 2 ** 14, interval = 2000 }: LossScaleOptions = {}) {
    this.#engine = engine;
    this.#interval = interval;
    this.state = engine.input([4], 'f32', Float32Array.of(initial, 1 / initial, 0, 0));
    this.gradient = new Tensor({ shape: [1], dtype: 'f32' }, this.state.storage);
    this.#found = engine.input([overflowNotes], 'u32');
  }

  /**
   * Records, ahead of a step's first forward pass, that the model's running statistics are kept: a step that is not
   * taken leaves them as they are here.
   */
  begin(model: Parameters): void {
    const kept =
      this.#kept.get(model) ??
      model
        .place()
        .buffers.filter(({ bytes }) => bytes > 0)
        .map(this.#keeping);
    this.#kept.set(model, kept);
    for (const { statistics, copy } of kept)
      currentTape().dispatch(keepAndPutBack(blocksOf(statistics)).keep, {
        numbers: statistics,
        copied: copy,
      });
  }

  /**
   * Records the look at the gradients, blocks of 64, behind `backward`, and at the statistics that the step moved.
   * @returns f32 [1]: what an optimizer multiplies its gradients by; 0 where it is to leave everything as it is
   * @throws Error where the model has running statistics and `begin` was not called for it
   */
  judge(model: Parameters, gradients: Tensor): Tensor {
    const kept = this.#kept.get(model);
    if (!kept && model.entries.some(({ trainable }) => !trainable))
      throw new Error(
        'loss scale: call begin(model) ahead of the forward pass, for steps that are not taken',
      );
    const tape = currentTape();
    const unscale = tape.temporary('inverse loss scale', [1]);
    const found = this.#found;
    tape.dispatch(findOverflow(blocksOf(gradients), 'gradients'), { numbers: gradients, found });
    for (const { statistics } of kept ?? [])
      tape.dispatch(findOverflow(blocksOf(statistics), 'statistics'), { numbers: statistics, found });
    tape.dispatch(judgeStep(this.#interval), { found, state: this.state, unscale });
    for (const { statistics, copy } of kept ?? []) {
      const { putBack } = keepAndPutBack(blocksOf(statistics));
      tape.dispatch(putBack, { unscale, numbers: copy, copied: statistics });
    }
    return unscale;
  }

  /** What the latest step left; waits for it. */
  async read(): Promise<LossScaleReading> {
    const [state, found] = await this.#engine.read(this.state, this.#found);
    return { scale: state![0]!, skippedSteps: state![3]!, forwardOverflows: found![2]! };
  }

  /** Gives the memory back; programs that use it cannot run afterwards. */
  destroy(): void {
    const copies = [...this.#kept.values()].flat().map(({ copy }) => copy);
    for (const tensor of [this.state, this.#found, ...copies]) this.#engine.free(tensor);
  }

  readonly #keeping = (storage: Storage): Kept => {
    const shape = [storage.bytes / Float32Array.BYTES_PER_ELEMENT];
    return { statistics: new Tensor({ shape, dtype: 'f32' }, storage), copy: this.#engine.input(shape) };
  };
}

/** Whole storages of parameters come in blocks. */
const blocksOf = ({ size }: Tensor): number => size / blockElements;
