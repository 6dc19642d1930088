// What an op's attributes must be: an op lists a rule for each in its shape rule, and a wrong value is refused with the
// op's name, the rule and the value.

/** What a value must be. */
export interface AttributeRule {
  /** Completes `must be …`. */
  readonly text: string;
  /** The type that the value must have. */
  readonly type: 'number' | 'boolean';
  /** Whether a value of that type is one. */
  holds(value: number): boolean;
}

const number = (text: string, holds: (value: number) => boolean): AttributeRule => ({
  text,
  type: 'number',
  holds,
});

/** A whole number no smaller than `least`. */
export const whole = (least: number): AttributeRule =>
  number(`a whole number of at least ${least}`, (value) => Number.isSafeInteger(value) && value >= least);

/** A whole number from `least` to `most`. */
export const wholeWithin = (least: number, most: number, means = `${most}`): AttributeRule =>
  number(
    `a whole number from ${least} to ${means}`,
    (value) => Number.isSafeInteger(value) && value >= least && value <= most,
  );

/** Kernels take numbers as f32: what is 0 there, or whose inverse is infinite, divides nothing. */
export const positive = number(
  'a finite number above 0',
  (value) =>
    Math.fround(value) > 0 && Number.isFinite(Math.fround(value)) && Number.isFinite(Math.fround(1 / value)),
);

/** A finite number of at least 0. */
export const notNegative = number(
  'a finite number of at least 0',
  (value) => value >= 0 && Number.isFinite(Math.fround(value)),
);

/** Any finite number. */
export const finite = number('a finite number', (value) => Number.isFinite(Math.fround(value)));

/** A number from 0 to 1. */
export const share = number('a number from 0 to 1', (value) => value >= 0 && value <= 1);

/** A number from 0 to below 1. */
export const shareBelowOne = number(
  'a number of at least 0 and below 1',
  (value) => value >= 0 && Math.fround(value) < 1,
);

/** True or false. */
export const flag: AttributeRule = { text: 'true or false', type: 'boolean', holds: () => true };

/**
 * Holds attributes against their rules.
 * @param op its name, for the message
 * @param attributes as they were given
 * @param rules one for each attribute that there is
 * @throws TypeError for an attribute that there is not, or of another type; RangeError for a value out of its rule
 */
export function requireAttributes(
  op: string,
  attributes: object,
  rules: Readonly<Record<string, AttributeRule>>,
): void {
  const given = Object.entries(attributes);
  const other = given.find(([name, value]) => value !== undefined && !Object.hasOwn(rules, name));
  if (other) throw new TypeError(`${op}: there is no '${other[0]}', only ${Object.keys(rules).join(', ')}`);
  const values = new Map<string, unknown>(given);
  for (const [name, { text, type, holds }] of Object.entries(rules)) {
    const value = values.get(name);
    const says = `${op}: ${name} must be ${text}, not ${describe(value)}`;
    if (typeof value !== type) throw new TypeError(says);
    if (!holds(Number(value))) throw new RangeError(says);
  }
}

const describe = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
