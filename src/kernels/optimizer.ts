import adamwShader from '#shaders/optimizer/adamw.wgsl';
import larsShader from '#shaders/optimizer/lars.wgsl';
import sgdShader from '#shaders/optimizer/sgd.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';

/** Elements that one entry of the block table stands for: the alignment of every parameter. */
export const blockElements = 64;
/** Set in a table entry where weight decay applies. */
export const decays = 0x80000000;

/** Workgroups of kernels that go over all parameters, 64 blocks each. */
export const blockGrid = (blocks: number): Launch['grid'] => linearGrid(Math.ceil(blocks / 64));

/** One step of SGD over all parameters. @param blocks of 64 elements */
export function sgdUpdate(
  blocks: number,
  o: { momentum: number; weightDecay: number; nesterov: boolean },
): Launch {
  const params = { blocks, momentum: o.momentum, weight_decay: o.weightDecay };
  return {
    shader: sgdShader,
    entry: 'update',
    constants: { NESTEROV: o.nesterov },
    params,
    grid: blockGrid(blocks),
  };
}

/** One step of AdamW over all parameters. @param blocks of 64 elements */
export function adamwUpdate(
  blocks: number,
  o: { beta1: number; beta2: number; epsilon: number; weightDecay: number },
): Launch {
  const { beta1, beta2, epsilon } = o;
  const complements = { beta1_complement: 1 - beta1, beta2_complement: 1 - beta2 };
  const params = { blocks, beta1, beta2, ...complements, epsilon, weight_decay: o.weightDecay };
  return { shader: adamwShader, entry: 'update', params, grid: blockGrid(blocks) };
}

/** One step of LARS: norms of blocks of 64 elements, trust ratios of parameters, then the update. */
export function larsUpdate(
  blocks: number,
  parameters: number,
  o: { momentum: number; weightDecay: number; trustCoefficient: number },
): { norms: Launch; trust: Launch; update: Launch } {
  const rates = { momentum: o.momentum, weight_decay: o.weightDecay, trust_coefficient: o.trustCoefficient };
  const params = { blocks, parameters, ...rates };
  const launch = (entry: string, grid: Launch['grid']): Launch => ({
    shader: larsShader,
    entry,
    params,
    grid,
  });
  return {
    norms: launch('block_norms', blockGrid(blocks)),
    trust: launch('trust_ratios', [Math.ceil(parameters / 64), 1, 1]),
    update: launch('update', blockGrid(blocks)),
  };
}
