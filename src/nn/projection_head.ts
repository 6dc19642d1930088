import { relu } from '../ops/relu.ts';
import { batchNormalisation, type Layer, linear, type ModelContext } from './layers.ts';

/** Declares what would be trained as constants, apart from the running statistics that the same kernels write. */
const withoutGains = ({ parameters, seed }: ModelContext): ModelContext => ({
  seed,
  parameters: {
    buffer: (...tensor) => parameters.buffer(...tensor),
    trainable: (name, shape, initialise) => parameters.buffer(name, shape, initialise, { apart: true }),
  },
});

/** The shape of a projection head. */
export interface ProjectionOptions {
  /** Widths from the features to the projection, say [512, 512, 128]. */
  readonly sizes: readonly number[];
  /** Batch norm behind each hidden layer, whose bias it makes redundant. */
  readonly batchNorm: boolean;
  /** Batch norm behind the last layer too, without γ and β, whose bias it makes redundant. Default false. */
  readonly outputNorm?: boolean;
}

/**
 * The MLP between features and contrastive loss: linear layers with (batch norm and) ReLU between them, none behind
 * the last but a norm where asked. Tensors are named `${name}.${index}` by their place in a sequence linear, norm, ReLU, …, as PyTorch does.
 */
export function projectionHead(
  context: ModelContext,
  name: string,
  { sizes, batchNorm, outputNorm = false }: ProjectionOptions,
): Layer {
  const layers: Layer[] = [];
  let index = 0;
  for (let i = 0; i + 1 < sizes.length; i++) {
    const [inputs, outputs] = [sizes[i]!, sizes[i + 1]!];
    const hidden = i + 2 < sizes.length;
    const normed = hidden ? batchNorm : outputNorm;
    layers.push(linear(context, `${name}.${index++}`, { inputs, outputs, bias: !normed }));
    if (normed) {
      const norm = batchNormalisation(
        hidden ? context : withoutGains(context),
        `${name}.${index++}`,
        outputs,
      );
      layers.push((x) => norm(x, { relu: hidden }));
    } else if (hidden) {
      layers.push(relu);
    }
    index++;
  }
  return (x) => layers.reduce((value, layer) => layer(value), x);
}
