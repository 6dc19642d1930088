// What a pickle's instructions build. Containers are classes of their own, so that no value of a file is ever mistaken
// for one, and no key of a file meets a prototype.

/** A value out of a pickle; null is Python's None. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleObject
  | TorchStorage
  | TorchTensor;

/** A tuple. */
export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A list. */
export class PickleList {
  readonly items: PickleValue[] = [];
}

/** A dictionary, ordered. */
export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();
}

/** The name of a function or class: a name only, which nobody looks up. */
export class PickleGlobal {
  readonly name: string;

  constructor(module: string, name: string) {
    this.name = `${module}.${name}`;
  }
}

/** What a call of anything unknown would have given; it is never made, and takes all that is done to it. */
export class PickleObject {
  /** Of which class it would be, or by which function made. */
  readonly type: string;
  readonly args: PickleValue;
  /** What its attributes would be set from. */
  state: PickleValue = null;
  /** What it was filled with, if like a dictionary. */
  dict: PickleDict | undefined;

  constructor(type: string, args: PickleValue) {
    this.type = type;
    this.args = args;
  }
}

/** A stretch of elements that tensors share. */
export class TorchStorage {
  /** PyTorch's name for its kind, such as `FloatStorage`. */
  readonly kind: string;
  /** What the container calls it. */
  readonly key: string;
  /** In elements, of the whole storage. */
  readonly length: number;
  /** The part that is meant, in elements; the whole but for views in files of PyTorch's first years. */
  readonly view: { readonly offset: number; readonly length: number };

  constructor(kind: string, key: string, length: number, view = { offset: 0, length }) {
    this.kind = kind;
    this.key = key;
    this.length = length;
    this.view = view;
  }
}

/** A tensor as its file describes it, nothing of it checked. */
export class TorchTensor {
  /** Storage, first element's place, size, stride; or why it cannot be had. */
  source: PickleTuple | string;
  /** Where the storage has only bytes: what its elements are, such as `torch.uint16`. */
  readonly dtype: string | undefined;

  constructor(source: PickleTuple | string, dtype?: string) {
    this.source = source;
    this.dtype = dtype;
  }
}
