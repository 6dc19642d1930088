/**
 * What a user can set, told once. A table of settings is an object whose keys are the settings' names as config.json,
 * library options and messages call them (`learningRate`); command lines derive flags from it (`--learning-rate`), pages
 * form fields, readers of config.json the check of its values.
 */

/** What values a setting takes. */
export type Kind =
  | { readonly type: 'whole'; readonly min: number; readonly max?: number }
  | { readonly type: 'real'; readonly above?: number; readonly min?: number }
  /** A share of 1; people may write it in percent. With `ends`, none and all are shares too. */
  | { readonly type: 'share'; readonly ends?: true }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  /** Several of these, each once, in this order. */
  | { readonly type: 'choices'; readonly of: readonly string[] }
  /** Whole numbers with dashes or commas between them. */
  | { readonly type: 'widths' }
  | { readonly type: 'text' }
  /** A preset's name, or an object of its own, as JSON where it is text. */
  | { readonly type: 'preset' }
  | { readonly type: 'flag' };

/** The type of a kind's values. */
export type ValueOf<K extends Kind> = K extends { readonly type: 'whole' | 'real' | 'share' }
  ? number
  : K extends { readonly type: 'choice'; readonly of: readonly (infer Name)[] }
    ? Name
    : K extends { readonly type: 'choices'; readonly of: readonly (infer Name)[] }
      ? readonly Name[]
      : K extends { readonly type: 'widths' }
        ? readonly number[]
        : K extends { readonly type: 'flag' }
          ? boolean
          : K extends { readonly type: 'preset' }
            ? string | Readonly<Record<string, unknown>>
            : string;

/** One row of a table of settings. */
export interface Setting {
  /** What values it takes. */
  readonly kind: Kind;
  /** What it does, in a phrase; with what its values are, where that is not plain. */
  readonly help: string;
  /** What stands for a value in a help text: `n`, `pixels`, `folder`, `share`. */
  readonly unit?: string;
  /** What it is when the user does not say. Absent: it is chosen later, as `chosen` tells, or stays open. */
  readonly default?: number | string | boolean;
  /** There is no work without it. */
  readonly required?: true;
  /** How it is chosen when it stays open, in words: `by adapter and data`. */
  readonly chosen?: string;
  /** Another name that command lines take for it. */
  readonly alias?: string;
}

/** Always there: it must be given, or has a default. */
type Settled = { readonly default: unknown } | { readonly required: true };

/** The values of a table once defaults are filled in; what has none and is not required may stay open. */
export type SettingsOf<Table extends Readonly<Record<string, Setting>>> = {
  readonly [Name in keyof Table as Table[Name] extends Settled ? Name : never]: ValueOf<Table[Name]['kind']>;
} & {
  readonly [Name in keyof Table as Table[Name] extends Settled ? never : Name]?:
    | ValueOf<Table[Name]['kind']>
    | undefined;
};

/** Values of a table of which any may be left open. */
export type GivenSettings<Table extends Readonly<Record<string, Setting>>> = {
  readonly [Name in keyof Table]?: ValueOf<Table[Name]['kind']> | undefined;
};

/** Keeps a table's own names and kinds, and checks that its rows are settings. */
export const settingsTable = <const Table extends Readonly<Record<string, Setting>>>(table: Table): Table =>
  table;

/**
 * A value from text, as a command line or a form's field has it.
 * @throws RangeError saying what to give instead
 */
export function parseValue(kind: Kind, text: string): unknown {
  const words = text.trim();
  switch (kind.type) {
    case 'whole':
      return checkedNumber(kind, /^-?\d+$/.test(words) ? Number(words) : Number.NaN);
    case 'real':
      return checkedNumber(kind, words === '' ? Number.NaN : Number(words));
    case 'share': {
      const value = Number(words.replace(/%$/, '')) / (words.endsWith('%') ? 100 : 1);
      return checkedNumber(kind, words === '' ? Number.NaN : value);
    }
    case 'widths':
      return words.split(/[-,]/).map((part) => parseValue(width, part));
    case 'choices': {
      const parts = new Set(words.split(',').map((part) => part.trim()));
      const wrong = [...parts].find((part) => !kind.of.includes(part));
      if (wrong !== undefined) throw new RangeError(`'${wrong}' is none of ${kind.of.join(', ')}`);
      return kind.of.filter((name) => parts.has(name));
    }
    case 'choice':
      if (kind.of.includes(words)) return words;
      throw new RangeError(`'${words}' is none of ${kind.of.join(', ')}`);
    case 'flag':
      return words === 'true';
    case 'text':
    case 'preset':
      return text;
  }
}

/** Whether a value, say one of config.json, is of the kind. */
export function isValue(kind: Kind, value: unknown): boolean {
  switch (kind.type) {
    case 'whole':
    case 'real':
    case 'share':
      return (
        typeof value === 'number' &&
        (kind.type !== 'whole' || Number.isInteger(value)) &&
        inRange(kind, value)
      );
    case 'widths':
      return Array.isArray(value) && value.length > 0 && value.every((part) => isValue(width, part));
    case 'choices':
      return Array.isArray(value) && value.every((part) => kind.of.includes(part));
    case 'choice':
      return typeof value === 'string' && kind.of.includes(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'preset':
      return (
        typeof value === 'string' || (typeof value === 'object' && value !== null && !Array.isArray(value))
      );
  }
}

const width = { type: 'whole', min: 1, max: 65536 } as const;

type NumberKind = Extract<Kind, { readonly type: 'whole' | 'real' | 'share' }>;

function inRange(kind: NumberKind, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (kind.type === 'whole') return value >= kind.min && value <= (kind.max ?? 2 ** 31);
  if (kind.type === 'share')
    return (value > 0 && value < 1) || (kind.ends === true && (value === 0 || value === 1));
  return value > (kind.above ?? -Infinity) && value >= (kind.min ?? -Infinity);
}

function checkedNumber(kind: NumberKind, value: number): number {
  if (inRange(kind, value)) return value;
  throw new RangeError(`give ${describeKind(kind)}`);
}

/** What to give, in words. */
export function describeKind(kind: Kind): string {
  if (kind.type === 'flag') return 'true or false';
  if (kind.type === 'choice') return `one of ${kind.of.join(', ')}`;
  if (kind.type === 'choices') return `a list of some of ${kind.of.join(', ')}`;
  if (kind.type === 'widths') return 'whole numbers of at least 1, such as 512-128';
  if (kind.type === 'preset') return 'a name, or an object';
  if (kind.type === 'text') return 'a text';
  if (kind.type === 'share')
    return kind.ends
      ? 'a share from 0 to 1, such as 0.5 or 50%'
      : 'a share between 0 and 1, such as 0.05 or 5%';
  if (kind.type === 'real')
    return kind.min !== undefined ? `a number of at least ${kind.min}` : `a number above ${kind.above}`;
  return kind.max !== undefined
    ? `a whole number from ${kind.min} to ${kind.max}`
    : `a whole number of at least ${kind.min}`;
}
