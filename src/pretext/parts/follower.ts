import type { ParameterStore } from '../../autograd/parameter_part.ts';
import { currentTape } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { followAverage } from '../../kernels/pretext/memory.ts';
import type { Encoder } from '../../nn/encoder.ts';
import type { ModelContext } from '../../nn/layers.ts';

/** How fast a second network follows the first. */
export interface FollowingPace {
  /** The share of itself that it keeps each step, at the start of the run. */
  readonly momentum: number;
  /** Steps over which that share rises to 1 by a cosine; 0: it stays. */
  readonly steps: number;
}

/**
 * A second network that no gradient trains: an exponential moving average of the first one's weights (a momentum or
 * target encoder). It starts as the first one does, name by name.
 *
 * The average is of weights alone. In training both networks' batch norms have the statistics of the batch that they see;
 * the running ones of the second, which nothing reads, move by its own batches, as in MoCo's and BYOL's own programs
 * (other programs average them too).
 */
export class Follower {
  /** The second encoder. */
  readonly encoder: Encoder;
  /** Where layers are declared that follow those of the same names in the first network. */
  readonly context: ModelContext;
  readonly #pairs: { readonly first: Tensor; readonly second: Tensor }[] = [];

  /**
   * @param prefix of the second network's names
   * @param first tensors of the first network so far, whenever they are asked for
   * @param second where those of the second are declared
   * @param start what a tensor of the first begins as, where that is given
   */
  constructor(
    prefix: string,
    first: () => Pick<ParameterStore, 'entries'>['entries'],
    second: ParameterStore,
    {
      seed,
      start,
    }: { readonly seed: number; readonly start?: ReadonlyMap<string, Float32Array> | undefined },
    createEncoder: (context: ModelContext) => Encoder,
  ) {
    const initial = (name: string) => {
      const given = start?.get(name);
      return given && (() => given);
    };
    this.context = {
      seed,
      parameters: {
        // Layers draw by the names that they declare: the first network's, and so what that began as.
        trainable: (name, shape, initialise) => {
          const entry = first().find((candidate) => candidate.name === name);
          if (!entry) throw new RangeError(`'${name}' follows nothing: the first network has no such tensor`);
          // Batch norm reads a weight where it writes running statistics.
          const copy = second.buffer(`${prefix}.${name}`, shape, initial(name) ?? initialise, {
            apart: true,
          });
          this.#pairs.push({ first: entry.tensor, second: copy });
          return copy;
        },
        buffer: (name, shape, initialise) =>
          second.buffer(`${prefix}.${name}`, shape, initial(name) ?? initialise),
      },
    };
    this.encoder = createEncoder(this.context);
  }

  /** Records a step towards the first network, behind its update. @param counter u32 [2]: seed and step */
  follow(counter: Tensor, { momentum, steps }: FollowingPace): void {
    const tape = currentTape();
    for (const { first, second } of this.#pairs)
      tape.dispatch(followAverage(first.size, momentum, steps), { counter, x: first, y: second });
  }
}
