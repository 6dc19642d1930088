import type { ParameterStore } from '../../autograd/parameter_part.ts';
import type { DropPathAttributes } from '../../ops/vit/drop_path.ts';
import type { Architecture, Block } from '../architecture.ts';
import type { Adapter, ModelContext } from '../layers.ts';
import { torchShapes } from '../state_dict.ts';
import { layerDistances } from './layer_rates.ts';
import { isOfAdapter } from './low_rank.ts';

/** How an encoder that has learned something is trained further. */
export interface Tuning {
  /**
   * What learns: the `whole` encoder, the `last` so many blocks and what is behind them, or adapters of some `rank` beside
   * the queries, keys and values of every attention, whose weights stay.
   */
  readonly part: 'whole' | { readonly last: number } | { readonly rank: number };
  /**
   * What the learning rate is multiplied by from each block to the one before it, from 0 to 1 (Clark et al. 2020, arXiv
   * 2003.10555). Default 1.
   */
  readonly layerDecay?: number;
  /** With which probability the last block's branches are left out; the first one's never, those between in proportion. Default 0. */
  readonly dropPath?: number;
}

/** The adapter of a rank. α is the rank's double, as Hu et al. 2021 (arXiv 2106.09685) leave it to the learning rate. */
export const adapterOfRank = (rank: number): Adapter => ({ rank, factor: 2 });

/**
 * A context in which an encoder's layers are declared as a tuning wants them.
 * @throws RangeError where only a part is to learn of a network with batch norm
 */
export function tunedContext(
  context: ModelContext,
  architecture: Architecture,
  tuning: Tuning,
): ModelContext {
  const { part, layerDecay = 1, dropPath = 0 } = tuning;
  if (part !== 'whole' && architecture.blocks.some(({ kind }) => kind === 'batchNorm'))
    throw new RangeError(`a ${architecture.title} is trained further only as a whole`);
  const distances = layerDistances(torchShapes(architecture).keys());
  const learns = (name: string): boolean => {
    if (part === 'whole') return true;
    return 'rank' in part ? isOfAdapter(name) : distances.of(name) <= part.last;
  };
  const parameters: ModelContext['parameters'] = {
    buffer: (...declared: Parameters<ParameterStore['buffer']>) => context.parameters.buffer(...declared),
    trainable: (name, shape, initialise, options) =>
      learns(name)
        ? context.parameters.trainable(name, shape, initialise, {
            ...options,
            rate: layerDecay ** distances.of(name),
          })
        : context.parameters.buffer(name, shape, initialise),
  };
  const branches = branchNames(architecture.blocks);
  return {
    ...context,
    parameters,
    tuning: {
      adapter: (layer) =>
        typeof part === 'object' && 'rank' in part && layer.endsWith('.qkv')
          ? adapterOfRank(part.rank)
          : undefined,
      drop: (branch) => dropOf(branches.indexOf(branch), branches.length, dropPath),
    },
  };
}

/** Rates that grow from block to block (Huang et al. 2016, arXiv 1603.09382): both branches of a block have one. */
function dropOf(branch: number, branches: number, most: number): DropPathAttributes | undefined {
  const [block, last] = [Math.floor(branch / 2), Math.floor((branches - 1) / 2)];
  const rate = last > 0 ? (most * block) / last : most;
  return rate > 0 ? { rate, branch } : undefined;
}

const branchNames = (blocks: readonly Block[]): string[] =>
  blocks.flatMap((block) => (block.kind === 'branch' ? [block.name] : []));
