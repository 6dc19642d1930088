import type { StoredTensor } from '../../formats/safetensors.ts';
import type { FoundEncoder, FoundTensor } from './found.ts';
import { partNamings, type StageNaming, stageNamings } from './naming.ts';
import { nameStem } from './stem.ts';
import { findViTs } from './vit/find_vits.ts';

/** A tensor of a block: which, and what torchvision calls it there. */
interface BlockTensor extends FoundTensor {
  readonly stage: number;
  readonly block: string;
  readonly part: string;
  /** What stands behind the prefix. */
  readonly rest: string;
  readonly naming: string | undefined;
}

/** More than any ensemble has; a file of more costs no more time. */
export const mostEncoders = 64;

/**
 * The encoders that a file holds, at most one more than `mostEncoders`: ResNets by what they have in common whatever they
 * are called, numbered stages of numbered blocks that begin with a convolution, behind one prefix, and a stem beside them;
 * vision transformers by the map of their patches.
 * @param tensors by the file's names
 */
export function findEncoders(tensors: ReadonlyMap<string, StoredTensor>): FoundEncoder[] {
  const own = new Map([...tensors].map(([from, tensor]) => [from, { ...tensor, from }]));
  const found = findIn(own);
  return found.length > 0 ? found : findIn(unwrapped(own));
}

/** What PyTorch puts around modules within a network when it compiles, shards or checkpoints them one by one. */
const innerWrapper = /(?<=^|\.)(?:_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|module)\.(?=.)/g;

const unwrapped = (tensors: ReadonlyMap<string, FoundTensor>): Map<string, FoundTensor> =>
  new Map([...tensors].map(([name, tensor]) => [name.replace(innerWrapper, ''), tensor]));

function findIn(tensors: ReadonlyMap<string, FoundTensor>): FoundEncoder[] {
  const found = new Map<string, FoundEncoder>();
  for (const naming of stageNamings) {
    for (const [prefix, blocks] of blocksByPrefix(tensors, naming)) {
      if (found.size > mostEncoders) break;
      if (found.has(prefix) || new Set(conv1Blocks(blocks)).size < 2) continue;
      const encoder = nameEncoder(tensors, prefix, blocks, naming);
      if (encoder) found.set(prefix, encoder);
    }
  }
  return [...found.values(), ...findViTs(tensors, mostEncoders + 1 - found.size)];
}

const conv1Blocks = (blocks: readonly BlockTensor[]): string[] =>
  blocks.filter(({ part }) => part === 'conv1.weight').map(({ stage, block }) => `${stage}.${block}`);

function blocksByPrefix(
  tensors: ReadonlyMap<string, FoundTensor>,
  naming: StageNaming,
): Map<string, BlockTensor[]> {
  const pattern = new RegExp(`^((?:[^.]*\\.)*?)(${naming.stage}\\.(\\d{1,4})\\.(\\D.*))$`, 's');
  const byPrefix = new Map<string, BlockTensor[]>();
  for (const [key, tensor] of tensors) {
    const [, prefix, rest, stage, block, name] = pattern.exec(key) ?? [];
    if (prefix === undefined) continue;
    const { part, title } = torchvisionPart(name!);
    const list = byPrefix.get(prefix) ?? [];
    list.push({
      ...tensor,
      rest: rest!,
      stage: Number(stage),
      block: String(Number(block)),
      part,
      naming: title,
    });
    byPrefix.set(prefix, list);
  }
  return byPrefix;
}

/** What torchvision calls a part of a block, and whose name it was. */
function torchvisionPart(name: string): { part: string; title?: string } {
  for (const { title, parts } of partNamings) {
    for (const [pattern, torchvision] of parts) {
      if (pattern.test(name)) {
        const part =
          typeof torchvision === 'string'
            ? name.replace(pattern, torchvision)
            : name.replace(pattern, torchvision);
        return { part, title };
      }
    }
  }
  return { part: name };
}

/** Layers that would run beside a stem, as in CLIP's ResNet: they are kept, so that whoever fits the encoder sees them. */
const besideStem = /^(?:conv|bn|norm)\d{1,3}\./;

function nameEncoder(
  all: ReadonlyMap<string, FoundTensor>,
  prefix: string,
  blocks: readonly BlockTensor[],
  { title, first, stem, plainPixels }: StageNaming,
): FoundEncoder | undefined {
  const lowest = Math.min(
    ...new Set(blocks.filter(({ part }) => part === 'conv1.weight').map(({ stage }) => stage)),
  );
  const start = first ?? lowest;
  const isStem =
    stem === 'numbers'
      ? (rest: string) => /^\d{1,3}\./.test(rest) && Number.parseInt(rest, 10) < start
      : (rest: string) => stem.test(rest);
  const stemTensors: (readonly [string, FoundTensor])[] = [];
  const others: typeof stemTensors = [];
  for (const [key, tensor] of all) {
    const rest = key.slice(prefix.length);
    if (!key.startsWith(prefix)) continue;
    if (isStem(rest)) stemTensors.push([rest, tensor]);
    else if (besideStem.test(rest)) others.push([rest, tensor]);
  }
  const { named, pixelNorm } = nameStem(stemTensors);
  if (![...named.keys()].some((name) => /^conv1\.(?:0\.)?weight$/.test(name))) return undefined;
  const tensors = new Map([...named, ...others]);
  const titles = new Set([title]);
  for (const { stage, block, part, rest, naming, ...tensor } of poolsCounted(blocks)) {
    if (stage < start) continue;
    const name = `layer${stage - start + 1}.${block}.${part}`;
    // A second tensor of the same name keeps its own, by which it is refused.
    tensors.set(tensors.has(name) ? rest : name, tensor);
    if (naming !== undefined) titles.add(naming);
  }
  return {
    prefix,
    namings: [...titles],
    tensors,
    ...(pixelNorm && { pixelNorm }),
    plainPixels: plainPixels === true,
  };
}

/**
 * The shortcuts of a ResNet-D: average pool, convolution, norm. OpenMMLab leaves the pool out where the stride is 1,
 * timm keeps its place, and so do we.
 * https://github.com/open-mmlab/mmpretrain/blob/main/mmpretrain/models/backbones/resnet.py
 */
function poolsCounted(blocks: readonly BlockTensor[]): readonly BlockTensor[] {
  const isConvolution = ({ shape }: StoredTensor) => shape.length === 4;
  if (!blocks.some((tensor) => tensor.part === 'downsample.1.weight' && isConvolution(tensor))) return blocks;
  const unpooled = new Set(
    blocks
      .filter((tensor) => tensor.part === 'downsample.0.weight' && isConvolution(tensor))
      .map(({ stage, block }) => `${stage}.${block}`),
  );
  return blocks.map((tensor) =>
    unpooled.has(`${tensor.stage}.${tensor.block}`)
      ? {
          ...tensor,
          part: tensor.part.replace(/^downsample\.([01])\./, (_, at) => `downsample.${Number(at) + 1}.`),
        }
      : tensor,
  );
}
