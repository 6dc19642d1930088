import type { Engine } from '../autograd/engine.ts';
import type { ParameterMemory, Parameters } from '../autograd/parameters.ts';
import { currentTape, type Tape } from '../autograd/tape.ts';
import { type DType, type Shape, Tensor } from '../autograd/tensor.ts';
import { UserError } from '../errors.ts';
import type { Storage } from '../gpu/storage.ts';
import { blockElements, decays } from '../kernels/optimizer.ts';
import type { LossScale } from './loss_scale.ts';

/** Where an update's gradients come from. */
export interface UpdateOptions {
  /** What `backward` started from, and what was begun ahead of the forward pass: steps that overflow are not taken. */
  readonly lossScale?: LossScale | undefined;
  /** The tape whose `backward` gives the gradients, where it is another program's. */
  readonly walked?: Tape | undefined;
}

/** Moves all parameters of a model along their gradients. */
export interface Optimizer {
  /**
   * Records the update, behind `backward`, in the program being compiled.
   * @throws Error where a parameter has no gradient there
   */
  update(options?: UpdateOptions): void;
  /** Sets what differs from step to step: `step` counts from 0. Call before each run. */
  prepare(step: number, learningRate: number): void;
  /** What must be saved besides the parameters, by name. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** Gives the memory back; programs that update by it cannot run afterwards. */
  destroy(): void;
}

/** Parameters, gradients and state of a model as whole tensors of one layout, with their block table. */
export class ParameterBlocks {
  /** All trainable parameters, f32 [64·count]. */
  readonly values: Tensor;
  /** Their gradients, f32 [64·count]. */
  readonly gradients: Tensor;
  /** u32 [count]: the number of each block's parameter, with the highest bit set where weight decay applies. */
  readonly table: Tensor;
  /** f32 [parameters]: what the learning rate of each is multiplied by. */
  readonly rates: Tensor;
  /** First block of each parameter, and the end. */
  readonly firstBlocks: Tensor;
  /** Blocks of 64 elements. */
  readonly count: number;
  /** Trainable parameters. */
  readonly parameters: number;
  readonly #one: Tensor;
  readonly #engine: Engine;
  readonly #model: Parameters;
  readonly #inputs: Tensor[] = [];

  constructor(engine: Engine, model: Parameters) {
    const { values, gradients } = wholeOf(model.place());
    const trainable = model.entries.filter((entry) => entry.trainable);
    const table: number[] = [];
    const firsts: number[] = [];
    trainable.forEach(({ tensor, decay }, index) => {
      firsts.push(table.length);
      const blocks = Math.ceil(tensor.size / blockElements);
      for (let i = 0; i < blocks; i++) table.push((decay ? decays : 0) + index);
    });
    this.#engine = engine;
    this.#model = model;
    this.count = table.length;
    this.parameters = trainable.length;
    const shape = [table.length * blockElements];
    this.values = new Tensor({ shape, dtype: 'f32' }, values);
    this.gradients = new Tensor({ shape, dtype: 'f32' }, gradients);
    this.table = this.input([table.length], 'u32', Uint32Array.from(table));
    this.#one = this.input([1], 'f32', Float32Array.of(1));
    const rates = Float32Array.from(trainable, ({ rate }) => rate);
    this.rates = this.input([trainable.length], 'f32', rates);
    this.firstBlocks = this.input([firsts.length + 1], 'u32', Uint32Array.from([...firsts, table.length]));
  }

  /** A zeroed tensor with an element for each parameter's. */
  state(): Tensor {
    return this.input(this.values.shape);
  }

  /** A tensor that the host writes, zeroed or holding `data`; `destroy` gives it back. */
  input(shape: Shape, dtype?: DType, data?: Float32Array | Uint32Array): Tensor {
    const tensor = this.#engine.input(shape, dtype, data);
    this.#inputs.push(tensor);
    return tensor;
  }

  /**
   * What an update multiplies the gradients by, f32 [1]; 0 where it is to leave everything as it is.
   * @throws Error naming the first parameter that the tape's `backward` did not reach
   */
  unscale({ lossScale, walked = currentTape() }: UpdateOptions = {}): Tensor {
    this.#requireGradients(walked);
    return lossScale ? lossScale.judge(this.#model, this.gradients) : this.#one;
  }

  /** Gives back all but the parameters. */
  destroy(): void {
    for (const tensor of this.#inputs) this.#engine.free(tensor);
  }

  #requireGradients(tape: Tape): void {
    for (const { name, tensor, trainable } of this.#model.entries) {
      if (trainable && !tape.reached(tensor)) {
        throw new Error(
          `optimizer: '${name}' has no gradient: the loss does not depend on it, or backward came later`,
        );
      }
    }
  }
}

/** The one storage of all values, and of all gradients. @throws UserError where the adapter binds less at once */
function wholeOf({ values, gradients }: ParameterMemory): { values: Storage; gradients: Storage } {
  if (values.length > 1) {
    const bytes = values.reduce((sum, storage) => sum + storage.bytes, 0);
    throw new UserError(
      `training needs ${bytes} bytes of parameters in one buffer, more than this adapter allows: take a smaller width or depth, or a graphics card`,
    );
  }
  return { values: values[0]!, gradients: gradients[0]! };
}

/** What one update works on. */
export interface MomentumUpdate {
  /** Parameters and gradients as whole tensors. */
  readonly blocks: ParameterBlocks;
  /** The optimizer's state, an element for each parameter's. */
  readonly momenta: Tensor;
  /** f32 [1]: the learning rate. */
  readonly scalars: Tensor;
  /** f32 [1]: what gradients are multiplied by; 0 where the update is to leave everything as it is. */
  readonly unscale: Tensor;
}

/** An optimizer that keeps momenta alone. @param record records the update in the program being compiled */
export function momentumOptimizer(
  engine: Engine,
  model: Parameters,
  record: (update: MomentumUpdate) => void,
): Optimizer {
  const blocks = new ParameterBlocks(engine, model);
  const momenta = blocks.state();
  const scalars = blocks.input([1]);
  return {
    update: (options) => record({ blocks, momenta, scalars, unscale: blocks.unscale(options) }),
    prepare(_step, learningRate) {
      engine.write(scalars, Float32Array.of(learningRate));
    },
    destroy: () => blocks.destroy(),
    state: new Map([['momenta', momenta]]),
  };
}
