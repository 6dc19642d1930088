import { UserError } from '../../errors.ts';
import { quote } from '../../formats/quote.ts';
import type { Rgb } from '../../ops/augment.ts';

/** Bounds of a number, both allowed. */
export interface Bounds {
  /** The least. */
  readonly least: number;
  /** The most. */
  readonly most: number;
  /** Whether it must be whole. */
  readonly whole?: boolean;
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a JSON object in somebody's file. A missing one, or null, is undefined; a wrong one is an error. */
export class Fields {
  readonly #file: string;
  /** The object itself. */
  readonly object: JsonObject;
  readonly #prefix: string;

  /** @param prefix the way to the object, for messages: `pretrained_cfg.` */
  constructor(file: string, object: JsonObject, prefix = '') {
    this.#file = file;
    this.object = object;
    this.#prefix = prefix;
  }

  /** The value as it is; undefined where it is missing or null. */
  value(key: string): unknown {
    return Object.hasOwn(this.object, key) ? (this.object[key] ?? undefined) : undefined;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  /** @throws UserError naming the field, what it holds and what it should */
  refuse(key: string, wanted: string): never {
    const found = quote(shown(this.value(key)));
    throw new UserError(
      `${this.#file}: ${quote(`${this.#prefix}${key}`)} is ${found}, not ${wanted}: correct it, or remove it`,
    );
  }

  text(key: string): string | undefined {
    const value = this.value(key);
    return value === undefined || typeof value === 'string' ? value : this.refuse(key, 'a text');
  }

  flag(key: string): boolean | undefined {
    const value = this.value(key);
    return value === undefined || typeof value === 'boolean' ? value : this.refuse(key, 'true or false');
  }

  number(key: string, bounds: Bounds): number | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (isNumber(value, bounds)) return value;
    const { least, most, whole } = bounds;
    return this.refuse(key, `a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
  }

  /** A number for each of the three channels. */
  rgb(key: string, bounds: Bounds): Rgb | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.length === 3 && value.every((item) => isNumber(item, bounds))) {
      return value as unknown as Rgb;
    }
    return this.refuse(key, `three numbers from ${bounds.least} to ${bounds.most}, one for each channel`);
  }

  /** One of the keys of a table, as what stands there for it. */
  choice<Value>(key: string, table: Readonly<Record<string, Value>>): Value | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    const name = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    if (Object.hasOwn(table, name)) return table[name];
    return this.refuse(key, `${Object.keys(table).join(' or ')}, which is what kindred can do`);
  }

  /** The fields of an object inside. */
  inside(key: string): Fields | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (!isObject(value)) return this.refuse(key, 'an object');
    return new Fields(this.#file, value, `${this.#prefix}${key}.`);
  }
}

/** A value in a message; what lies deeper is left out, since a hostile file may be deeper than the stack. */
function shown(value: unknown): string {
  if (isObject(value)) return '{…}';
  if (!Array.isArray(value)) return JSON.stringify(value) ?? '';
  const items = value.slice(0, 4).map((item) => (Array.isArray(item) ? '[…]' : shown(item)));
  return `[${items.join(',')}${value.length > 4 ? ',…' : ''}]`;
}

function isNumber(value: unknown, { least, most, whole = false }: Bounds): value is number {
  return typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
}
