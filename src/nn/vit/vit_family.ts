import { imagenetScale } from '../../ops/augment.ts';
import { type Family, isChannels, isEpsilon, oneOf, type Refuse, type StateDictShapes } from '../family.ts';
import { usualHeads, type ViTOptions, vit, vitDefaults } from './vit.ts';

/** Names inside a vision transformer; the classifier is `head`, and what is masked in training is not needed after it. */
const trunk = /^(?:cls_token|reg_token|pos_embed|patch_embed\.|blocks\.|norm\.|fc_norm\.|norm_pre\.)/;

/** Vision transformers, by timm's names. */
export const vitFamily: Family<ViTOptions> = {
  weights: 'ViT or DINOv2 weights',
  fits: (tensors) => tensors.has('patch_embed.proj.weight'),
  owns: (name) => trunk.test(name),
  describe: vit,
  infer: inferViT,
  untold: ['heads', 'pooling', 'epsilon'],
  usualWidth: vitDefaults.width,
  required: ['patch', 'grid'],
  accepts: {
    patch: isCount(256),
    grid: isCount(512),
    width: isChannels,
    depth: isCount(256),
    heads: isCount(1024),
    mlpRatio: (value) => typeof value === 'number' && value > 0 && value <= 64,
    registers: (value) => value === 0 || isCount(256)(value),
    layerScale: oneOf(true, false),
    classPosition: oneOf(true, false),
    qkvBias: oneOf(true, false),
    pooling: oneOf('class', 'mean', 'both'),
    epsilon: isEpsilon,
  },
  conflict: headConflict,
  usualNormalisation: () => imagenetScale,
};

/** A check for a whole number from 1 on. */
function isCount(most: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function inferViT(tensors: StateDictShapes, refuse: Refuse): ViTOptions {
  const projection = tensors.get('patch_embed.proj.weight');
  if (!projection) return refuse('lacks "patch_embed.proj.weight" of shape [width, 3, patch, patch]');
  const [width, channels, patch] = projection.shape;
  if (!width || !patch || channels !== 3 || projection.shape.join() !== [width, 3, patch, patch].join())
    return refuse(
      `has "patch_embed.proj.weight" of shape [${projection.shape}], not [width, 3, patch, patch]`,
    );
  if (!tensors.has('cls_token')) return refuse('is a ViT without a class token, which kindred does not run');
  let depth = 0;
  while (tensors.has(`blocks.${depth}.norm1.weight`)) depth++;
  const { grid, classPosition } = inferGrid(tensors, refuse);
  const registers = tensors.get('reg_token')?.shape[1] ?? 0;
  const hidden = tensors.get('blocks.0.mlp.fc1.weight')?.shape[0] ?? vitDefaults.mlpRatio * width;
  const options: Required<Omit<ViTOptions, 'heads' | 'pooling' | 'epsilon'>> = {
    patch,
    grid,
    width,
    depth,
    mlpRatio: hidden / width,
    registers,
    layerScale: tensors.has('blocks.0.ls1.gamma'),
    classPosition,
    qkvBias: tensors.has('blocks.0.attn.qkv.bias'),
  };
  const named = Object.entries(options).filter(
    ([name, value]) => !unlessOther.has(name) || value !== vitDefaults[name as keyof typeof vitDefaults],
  );
  return Object.fromEntries(named) as unknown as ViTOptions;
}

/** Options that are left out where they are the default. */
const unlessOther = new Set(['mlpRatio', 'registers', 'layerScale', 'classPosition', 'qkvBias']);

/** The square grid of positions, with one of the class token or without. */
function inferGrid(
  tensors: StateDictShapes,
  refuse: Refuse,
): Pick<Required<ViTOptions>, 'grid' | 'classPosition'> {
  const shape = tensors.get('pos_embed')?.shape;
  if (!shape)
    return refuse('has no positions ("pos_embed"): a ViT that rotates or biases its attention instead');
  const rows = shape[1] ?? 0;
  for (const classPosition of [true, false]) {
    const grid = Math.round(Math.sqrt(rows - (classPosition ? 1 : 0)));
    if (grid >= 1 && grid ** 2 === rows - (classPosition ? 1 : 0)) return { grid, classPosition };
  }
  return refuse(
    `has ${rows} positions in "pos_embed", not those of a square, with one for the class token or without`,
  );
}

/** Attention reads four channels of a head at once. */
function headConflict({
  width = vitDefaults.width,
  heads = usualHeads(width),
}: ViTOptions): string | undefined {
  if (width % (4 * heads) === 0) return undefined;
  return `has a width of ${width}, which is no whole number of ${heads} heads of a multiple of four channels`;
}
