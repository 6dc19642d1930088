import type { Calls } from './pickle.ts';
import type { Refuse } from './pickle_stack.ts';
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
  TorchStorage,
  TorchTensor,
} from './pickle_values.ts';

// The few names that files of PyTorch need, after torch/_utils.py, torch/_tensor.py and torch/serialization.py. Python
// 2's files name the same things.

const dictionaries = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'builtins.dict',
  '__builtin__.dict',
]);
/** Their first argument is the tensor itself. */
const parameters = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter',
  'torch.nn.Parameter',
  'torch.autograd.variable.Variable',
]);
/** Calls its first argument with its third, for tensors that carry attributes of their own or have a class of their own. */
const typed = new Set(['torch._tensor._rebuild_from_type', 'torch._tensor._rebuild_from_type_v2']);
const tensorClass = /^torch\.(?:cuda\.)?\w*Tensor$/;
const storageClass = /^torch\.(?:cuda\.|storage\.)?(\w*Storage)$/;

/** Why tensors that are no plain array of elements cannot be had. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^torch\._utils\._rebuild_qtensor$/, 'is quantised'],
  [/^torch\._utils\._rebuild_sparse(?:_csr)?_tensor$/, 'is sparse'],
  [/^torch\._utils\._rebuild_nested_tensor$/, 'is a nested tensor'],
  [/^torch\._utils\._rebuild_meta_tensor_no_storage$/, 'was saved without its elements (device meta)'],
  [
    /^torch\._utils\._rebuild_\w*tensor\w*$|^torch\._utils\._rebuild_wrapper_subclass$/,
    'is of a kind of its own',
  ],
  [/^numpy\.(?:_core|core)\.multiarray\._reconstruct$/, 'is a NumPy array in a pickle'],
];

/**
 * The calls of PyTorch's pickles: dictionaries, tensors and parameters become such; everything else becomes an object
 * that nobody makes.
 * @param onStorage is told of each storage that the pickle mentions
 */
export function torchCalls(refuse: Refuse, onStorage: (storage: TorchStorage) => void = () => {}): Calls {
  return {
    call: callTorch,
    build(target, state) {
      // An OrderedDict's state are attributes, such as a state dict's _metadata.
      if (target instanceof PickleObject) target.state = state;
      // Tensors of PyTorch's first years are made empty and get storage, offset, size and stride as their state, the
      // variables around them the tensor as the first of five.
      if (!(target instanceof TorchTensor) || !(state instanceof PickleTuple)) return;
      const [first] = state.items;
      if (state.items.length === 4 && first instanceof TorchStorage) target.source = state;
      if (state.items.length === 5 && first instanceof TorchTensor) target.source = first.source;
    },
    persistent(id) {
      if (!(id instanceof PickleTuple))
        return refuse('its pickle refers to something unknown outside itself');
      const [kind, type, key, , length, view] = id.items;
      // The class of a whole module, with its source.
      if (kind === 'module') return type ?? null;
      const storage = type instanceof PickleGlobal ? storageClass.exec(type.name)?.[1] : undefined;
      const name = typeof key === 'number' || typeof key === 'bigint' ? String(key) : key;
      if (kind !== 'storage' || storage === undefined || typeof name !== 'string' || !isCount(length)) {
        return refuse('its pickle refers to something outside itself that is no storage');
      }
      const found = new TorchStorage(storage, name, length, readView(view, refuse));
      onStorage(found);
      return found;
    },
  };
}

function callTorch(callee: PickleValue, args: PickleValue, spend: (count: number) => void): PickleValue {
  const name = callee instanceof PickleGlobal ? callee.name : undefined;
  if (name === undefined || !(args instanceof PickleTuple)) return new PickleObject('an unnamed call', args);
  const [first, second, third] = args.items;
  if (dictionaries.has(name))
    return fillDictionary(name === 'collections.defaultdict' ? second : first, spend);
  // A list of sides, which tuples are as well.
  if (name === 'torch.Size' && first instanceof PickleTuple) return first;
  if (parameters.has(name)) return first instanceof TorchTensor ? first : new TorchTensor('has no elements');
  if (typed.has(name) && !(first instanceof PickleGlobal && typed.has(first.name))) {
    return callTorch(first ?? null, third ?? null, spend);
  }
  if (name === 'torch._utils._rebuild_tensor') return new TorchTensor(args);
  if (name === 'torch._utils._rebuild_tensor_v2') return viewed(new TorchTensor(args), args.items[6]);
  if (name === 'torch._utils._rebuild_tensor_v3') {
    const dtype = args.items[6];
    return viewed(new TorchTensor(args, dtype instanceof PickleGlobal ? dtype.name : '?'), args.items[7]);
  }
  if (tensorClass.test(name)) return new TorchTensor('has no elements');
  const reason = reasons.find(([pattern]) => pattern.test(name))?.[1];
  return reason === undefined ? new PickleObject(name, args) : new TorchTensor(reason);
}

/** A dictionary, of pairs where the call has such: Python 2 writes an OrderedDict so. */
function fillDictionary(pairs: PickleValue | undefined, spend: (count: number) => void): PickleDict {
  const dict = new PickleDict();
  if (pairs instanceof PickleDict) {
    spend(pairs.entries.size);
    for (const [key, value] of pairs.entries) dict.entries.set(key, value);
  }
  if (!(pairs instanceof PickleList || pairs instanceof PickleTuple)) return dict;
  spend(pairs.items.length);
  for (const pair of pairs.items) {
    if (!(pair instanceof PickleList || pair instanceof PickleTuple)) continue;
    const [key, value] = pair.items;
    if (key !== undefined && value !== undefined) dict.entries.set(key, value);
  }
  return dict;
}

/** A tensor whose elements are to be negated or conjugated when read is not what its storage holds. */
function viewed(tensor: TorchTensor, metadata: PickleValue | undefined): TorchTensor {
  const lazy =
    metadata instanceof PickleDict &&
    (metadata.entries.get('neg') === true || metadata.entries.get('conj') === true);
  return lazy ? new TorchTensor('is a negated or conjugated view') : tensor;
}

function readView(
  view: PickleValue | undefined,
  refuse: Refuse,
): { offset: number; length: number } | undefined {
  if (view === undefined || view === null) return undefined;
  const [, offset, length] = view instanceof PickleTuple ? view.items : [];
  return isCount(offset) && isCount(length)
    ? { offset, length }
    : refuse('its pickle holds a view of no part');
}

/** Whether a value is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
