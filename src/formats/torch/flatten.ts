import { quote } from '../quote.ts';
import {
  PickleDict,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
  TorchTensor,
} from './pickle_values.ts';

/** A tensor, or why what stands there cannot be had, by the path that leads to it. */
export interface FlatEntry {
  readonly path: string;
  readonly value: TorchTensor | string;
}

/** Longer than any network's names; bounds depth too, as each level adds to the path. */
const longestPath = 500;
/** Of a tensor that is not in anything. */
const bareName = 'tensor';

/**
 * All tensors in nested dictionaries, lists and tuples in the order of the file; names are the keys on the way there
 * joined by dots. A container that stands in several places, or in itself, is opened where it is met first.
 */
export function* flatten(root: PickleValue): Generator<FlatEntry> {
  const opened = new Set<PickleValue>();
  const inspected = new Set<PickleValue>();
  const waiting: { readonly path: string; readonly value: PickleValue }[] = [{ path: '', value: root }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { path, value } = next;
    const reason =
      path.length > longestPath ? `has a name of more than ${longestPath} characters` : undefined;
    if (reason !== undefined) yield { path, value: reason };
    else if (value instanceof TorchTensor) yield { path: path || bareName, value };
    if (reason !== undefined || !isContainer(value) || opened.has(value)) continue;
    opened.add(value);
    if (value instanceof PickleObject && !inspected.has(value.state)) {
      inspected.add(value.state);
      const kept = keptBack(value);
      if (kept !== undefined) yield { path: path || bareName, value: kept };
    }
    const children = childrenOf(value);
    for (let i = children.length - 1; i >= 0; i--) {
      const [key, child] = children[i]!;
      if (isContainer(child) || child instanceof TorchTensor)
        waiting.push({ path: join(path, key), value: child });
    }
  }
}

const isContainer = (value: PickleValue): boolean =>
  value instanceof PickleDict ||
  value instanceof PickleList ||
  value instanceof PickleTuple ||
  value instanceof PickleObject;

function join(path: string, key: PickleValue): string {
  const own = key !== null && typeof key === 'object' ? '?' : String(key).slice(0, longestPath + 1);
  return path === '' ? own : `${path}.${own}`;
}

function childrenOf(value: PickleValue): (readonly [PickleValue, PickleValue])[] {
  if (value instanceof PickleDict) return [...value.entries];
  if (value instanceof PickleObject) return value.dict ? [...value.dict.entries] : [];
  if (value instanceof PickleList || value instanceof PickleTuple) {
    return value.items.map((item, i) => [i, item]);
  }
  return [];
}

/** What an object that nobody makes keeps from us, where that are tensors. */
function keptBack({ type, state }: PickleObject): string | undefined {
  if (!(state instanceof PickleDict)) return undefined;
  if (state.entries.has('_parameters') && state.entries.has('_modules')) {
    return `is a whole pickled module (${quote(type)})`;
  }
  const holds = [...state.entries.values()].some((value) => value instanceof TorchTensor);
  return holds ? `is an object of a class of its own (${quote(type)})` : undefined;
}
