import { relu } from '../ops/relu.ts';
import { batchNormalisation, type Layer, linear, type ModelContext } from './layers.ts';

/** The layers of an MLP on top of features. */
export interface ProjectionOptions {
  /** Widths from the features to the projection, say [512, 512, 128]. */
  readonly sizes: readonly number[];
  /** Batch norm behind each hidden layer, whose bias it makes redundant. */
  readonly batchNorm: boolean;
}

/**
 * The MLP between features and contrastive loss: linear layers with (batch norm and) ReLU between them, none behind
 * the last. Tensors are named `${name}.${index}` by their place in a sequence linear, norm, ReLU, …, as PyTorch does.
 */
export function projectionHead(
  context: ModelContext,
  name: string,
  { sizes, batchNorm }: ProjectionOptions,
): Layer {
  const layers: Layer[] = [];
  let index = 0;
  for (let i = 0; i + 1 < sizes.length; i++) {
    const [inputs, outputs] = [sizes[i]!, sizes[i + 1]!];
    const hidden = i + 2 < sizes.length;
    layers.push(linear(context, `${name}.${index++}`, { inputs, outputs, bias: !(hidden && batchNorm) }));
    if (!hidden) break;
    if (batchNorm) {
      const norm = batchNormalisation(context, `${name}.${index++}`, outputs);
      layers.push((x) => norm(x, { relu: true }));
    } else {
      layers.push(relu);
    }
    index++;
  }
  return (x) => layers.reduce((value, layer) => layer(value), x);
}
