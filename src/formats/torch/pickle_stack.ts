import { PickleDict, PickleList, PickleObject, PickleTuple, type PickleValue } from './pickle_values.ts';

/** How a pickle that cannot be read is refused. */
export type Refuse = (reason: string) => never;

/** Enough for a hundred thousand tensors; keeps time and memory in bounds whatever the file says. */
const mostOperations = 8_000_000;
const mostContainers = 1_000_000;
const mostRemembered = 2_000_000;
/** How deep literals nest in one another; PyTorch's own files come to a handful. */
const deepestMarks = 1000;

/** What a pickle's instructions work on: a stack with marks, and values remembered by number. */
export class PickleStack {
  #values: PickleValue[] = [];
  readonly #marked: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #refuse: Refuse;
  #operations = 0;
  #containers = 0;

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  /** Counts work. */
  spend(operations: number): void {
    this.#operations += operations;
    if (this.#operations > mostOperations)
      this.#refuse('its pickle holds more instructions than weights need');
  }

  push(value: PickleValue): void {
    this.#values.push(value);
  }

  /** Puts down a new container or object. */
  make(value: PickleValue): void {
    if (++this.#containers > mostContainers) {
      this.#refuse('its pickle holds more containers than weights need');
    }
    this.#values.push(value);
  }

  pop(): PickleValue {
    return this.#values.length > 0 ? this.#values.pop()! : this.#underflow();
  }

  top(): PickleValue {
    return this.#values.length > 0 ? this.#values.at(-1)! : this.#underflow();
  }

  mark(): void {
    if (this.#marked.length >= deepestMarks) this.#refuse('its pickle is nested too deeply');
    this.#marked.push(this.#values);
    this.#values = [];
  }

  /** Takes what lies above the last mark, and the mark. */
  popMark(): PickleValue[] {
    const items = this.#values;
    this.#values = this.#marked.pop() ?? this.#underflow();
    return items;
  }

  /** Drops a value, or a mark with nothing above it. */
  drop(): void {
    if (this.#values.length > 0) this.#values.pop();
    else this.popMark();
  }

  /** Remembers the top value. @param key by default the next */
  remember(key = this.#memo.size): void {
    if (this.#memo.size >= mostRemembered) {
      this.#refuse('its pickle remembers more values than weights need');
    }
    this.#memo.set(key, this.top());
  }

  recall(key: number): void {
    const value = this.#memo.get(key);
    this.push(
      value === undefined ? this.#refuse(`its pickle recalls value ${key}, which it never stored`) : value,
    );
  }

  /** Puts a tuple of the last values in their place. */
  makeTuple(count: number): void {
    const items: PickleValue[] = [];
    for (let i = 0; i < count; i++) items.unshift(this.pop());
    this.make(new PickleTuple(items));
  }

  /** Fills the dictionary on top. @param items keys and values in turns */
  setItems(items: readonly PickleValue[]): void {
    const target = this.top();
    if (target instanceof PickleObject) target.dict ??= new PickleDict();
    const dict = target instanceof PickleObject ? target.dict : target;
    if (dict instanceof PickleDict && items.length % 2 === 0) {
      for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i]!, items[i + 1]!);
    } else this.#refuse('its pickle fills what is no dictionary');
  }

  /** Lengthens the list on top. */
  append(items: readonly PickleValue[]): void {
    const target = this.top();
    if (target instanceof PickleList) for (const item of items) target.items.push(item);
    else if (!(target instanceof PickleObject)) this.#refuse('its pickle appends to what is no list');
  }

  #underflow(): never {
    return this.#refuse('its pickle takes more than it has put down');
  }
}
