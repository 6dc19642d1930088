/** A setting that a sentence names. Each front end writes it in its own way: a flag, a form's field, an option. */
export interface SettingMention {
  /** As settings tables and option objects call it: `learningRate`. */
  readonly setting: string;
  /** Where the sentence says what it is or should be. */
  readonly value?: string;
}

/**
 * Names a setting inside `` sentence`…` ``.
 * @param value what it is or should be set to, where the sentence says that too
 */
export function named(setting: string, value?: string | number): SettingMention {
  return value === undefined ? { setting } : { setting, value: String(value) };
}

/** A mention as users of the library read it: the option's name, and its value behind it. */
const plainName = ({ setting, value }: SettingMention): string =>
  value === undefined ? setting : `${setting} ${value}`;

/** A text for people, in which settings stand as what they are, so that each front end can name them its own way. */
export class Sentence {
  readonly parts: readonly (string | SettingMention)[];

  constructor(parts: readonly (string | SettingMention)[]) {
    this.parts = parts;
  }

  /** The text. @param nameOf how a setting is written; by default as an option of the library is called */
  render(nameOf: (mention: SettingMention) => string = plainName): string {
    return this.parts.map((part) => (typeof part === 'string' ? part : nameOf(part))).join('');
  }

  /** The text as users of the library read it. */
  toString(): string {
    return this.render();
  }
}

/** A sentence from a template: `` sentence`lower ${named('batch')}, or add images` ``. */
export function sentence(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | SettingMention | Sentence)[]
): Sentence {
  const inner = values.flatMap((value, i) => {
    const parts = value instanceof Sentence ? value.parts : [typeof value === 'number' ? `${value}` : value];
    return [...parts, strings[i + 1]!];
  });
  return new Sentence([strings[0]!, ...inner]);
}

/**
 * The user's input is wrong: one clear sentence that says what, where and what to do about it. Front ends render it
 * (`error.sentence.render`) with their own names of settings; `message` has the library's.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly sentence: Sentence;
  /** The setting at fault, where it is one; a form shows the error beside its field. */
  readonly setting: string | undefined;

  constructor(text: string | Sentence, options: { readonly setting?: string } = {}) {
    super(String(text));
    this.sentence = typeof text === 'string' ? new Sentence([text]) : text;
    const mentioned = this.sentence.parts.find((part) => typeof part !== 'string');
    this.setting = options.setting ?? mentioned?.setting;
  }
}

/** No WebGPU adapter was found; the message says what to install. */
export class NoAdapterError extends UserError {
  override readonly name = 'NoAdapterError';
}

/**
 * A run that began well has failed, by its data and settings and not by a fault of the program: training diverged, say.
 * The sentence says what happened, what is kept and what to change; front ends render it with their own names of settings.
 */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly sentence: Sentence;

  constructor(text: Sentence) {
    super(String(text));
    this.sentence = text;
  }
}

/** Memory ran out where a run wanted more; what was saved stays. Smaller batches, images or networks need less. */
export class MemoryError extends RunError {}

/**
 * The GPU is gone while work was on its way: its driver was reset or changed, or the system took it. Nothing of the device
 * works any more, and what it held is lost; a new one may work.
 */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
}

/**
 * Tensors that do not fit an operation: a fault of the program that records it, not of anybody's input. Names the op,
 * the shapes or dtypes it got and what it expects.
 */
export class ShapeError extends RangeError {
  override readonly name = 'ShapeError';
}
