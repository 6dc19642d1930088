import type { FoundEncoder, FoundTensor } from '../found.ts';
import { type Rename, type ViTNaming, vitNamings } from './naming.ts';

/**
 * The vision transformers that a file holds, under timm's names: whatever stands beside a map of the patches.
 * @param tensors by the file's names
 * @param most that are looked for
 */
export function findViTs(tensors: ReadonlyMap<string, FoundTensor>, most: number): FoundEncoder[] {
  const found = new Map<string, FoundEncoder>();
  for (const naming of vitNamings) {
    for (const [name, { shape }] of tensors) {
      const end = `${naming.map}weight`;
      const isMap = name.endsWith(end) && shape.length === 4 && shape[1] === 3;
      const prefix = name.slice(0, name.length - end.length);
      if (!isMap || (prefix !== '' && !prefix.endsWith('.'))) continue;
      if (found.has(prefix) || found.size >= most) continue;
      const encoder = nameEncoder(tensors, prefix, naming);
      if (encoder) found.set(prefix, encoder);
    }
  }
  return [...found.values()];
}

function nameEncoder(
  all: ReadonlyMap<string, FoundTensor>,
  prefix: string,
  { title, places, block, parts, positions, only }: ViTNaming,
): FoundEncoder | undefined {
  const own = [...all].flatMap(([name, tensor]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
  );
  if (only && !own.some(([rest]) => only.test(rest))) return undefined;
  const pattern = new RegExp(`^${block}`);
  const tensors = new Map<string, FoundTensor>();
  for (const [rest, tensor] of own) {
    const number = pattern.exec(rest)?.[1];
    const name =
      number === undefined
        ? renamed(rest, places)
        : `blocks.${Number(number)}.${renamed(rest.replace(pattern, ''), parts)}`;
    // A second tensor of the same name keeps its own, by which it is refused.
    tensors.set(tensors.has(name) ? rest : name, tensor);
  }
  if (![...tensors.keys()].some((name) => name.startsWith('blocks.'))) return undefined;
  const joined = joinAttention(tensors);
  const hasRegisters = joined.has('reg_token');
  return {
    prefix,
    namings: [title],
    tensors: joined,
    plainPixels: false,
    positions: (hasRegisters && positions.registers) || positions.usual,
  };
}

function renamed(name: string, renames: readonly Rename[]): string {
  for (const [pattern, replacement] of renames)
    if (pattern.test(name)) return name.replace(pattern, replacement);
  return name;
}

const queryPart = /^(blocks\.\d+\.attn\.)q(\.(?:weight|bias))$/;

/** Queries, keys and values one below another, as one linear layer gives them. */
function joinAttention(tensors: ReadonlyMap<string, FoundTensor>): Map<string, FoundTensor> {
  const joined = new Map(tensors);
  for (const name of tensors.keys()) {
    const [, before, after] = queryPart.exec(name) ?? [];
    if (before === undefined) continue;
    const names = ['q', 'k', 'v'].map((part) => `${before}${part}${after}`);
    const parts = names.flatMap((part) => tensors.get(part) ?? []);
    const together = parts.length === 3 && stack(parts);
    if (!together) continue;
    for (const part of names) joined.delete(part);
    joined.set(`${before}qkv${after}`, together);
  }
  return joined;
}

/** Rows of tensors of one shape one below another; undefined where they are not of one shape, or no floats. */
function stack(parts: readonly FoundTensor[]): FoundTensor | undefined {
  const [first, ...others] = parts;
  if (!others.every(({ shape }) => shape.join() === first!.shape.join())) return undefined;
  if (!parts.every(({ dtype }) => dtype === 'F32' || dtype === 'F64')) return undefined;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array | Float64Array, at);
    at += part.data.length;
  }
  const [rows, ...rest] = first!.shape;
  return {
    dtype: 'F32',
    shape: [parts.length * rows!, ...rest],
    data,
    from: first!.from,
    alsoFrom: others.map(({ from }) => from),
  };
}
