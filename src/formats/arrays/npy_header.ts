import type { ElementKind } from './elements.ts';

// NumPy's format: \x93NUMPY, two bytes of version, the header's length (2 bytes in version 1, then 4), and a Python
// literal {'descr': '<f4', 'fortran_order': False, 'shape': (560, 768), }, filled up with spaces and a line end.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

/** How an array's elements are kept. */
export type NpyElements =
  | { readonly kind: ElementKind; readonly littleEndian: boolean }
  /** Text of so many characters an element, filled up with zeros: UTF-32 where `wide`, else a byte each. */
  | {
      readonly kind: 'text';
      readonly wide: boolean;
      readonly length: number;
      readonly littleEndian: boolean;
    };

/** What an array's header says. */
export interface NpyHeader {
  readonly elements: NpyElements;
  /** Whether the first index is the one that runs fastest. */
  readonly fortran: boolean;
  /** Sides of the array; none for a single element. */
  readonly shape: readonly number[];
}

/** Takes part in a sentence: `is no NumPy array (…)`. */
type Refuse = (reason: string) => never;

/** A key and its value, and what comes between it and the next. */
const entry = /\s*'(\w+)'\s*:\s*(?:'([^'\\]*)'|(True|False)|\(([\d\s,L]*)\))\s*(?:,\s*(\}?)|(\}))/y;

/**
 * Reads the Python literal of a header; nothing is evaluated.
 * @param refuse is told what is wrong: `holds pickled Python objects`
 */
export function parseNpyHeader(text: string, refuse: Refuse): NpyHeader {
  if (/^\{\s*'descr'\s*:\s*[[(]/.test(text)) return refuse('is an array of records with named fields');
  const fields = readFields(text);
  const descr = fields?.get('descr')?.text;
  const fortran = fields?.get('fortran_order')?.flag;
  const sides = fields?.get('shape')?.sides;
  if (fields?.size !== 3 || descr === undefined || fortran === undefined || sides === undefined)
    return refuse('has a header that NumPy did not write');
  return { elements: elementsOf(descr, refuse), fortran, shape: sides };
}

/** The value of a key, as one of the three kinds that there are. */
interface Field {
  readonly text?: string | undefined;
  readonly flag?: boolean | undefined;
  readonly sides?: readonly number[] | undefined;
}

/** Keys and values between two braces, with nothing behind; undefined for any other text. */
function readFields(text: string): Map<string, Field> | undefined {
  const fields = new Map<string, Field>();
  if (!text.startsWith('{')) return undefined;
  entry.lastIndex = 1;
  for (;;) {
    const at = entry.lastIndex;
    const found = entry.exec(text);
    if (!found || fields.has(found[1]!)) return undefined;
    const [whole, key, descr, flag, sides, afterComma, end] = found;
    fields.set(key!, {
      text: descr,
      flag: flag === undefined ? undefined : flag === 'True',
      sides: sides === undefined ? undefined : sidesOf(sides),
    });
    if (!afterComma && end === undefined) continue;
    return text.slice(at + whole.length).trim() === '' ? fields : undefined;
  }
}

/** Sides out of `560, 768` or `560,`; Python 2 wrote `560L`. */
function sidesOf(list: string): number[] | undefined {
  const sides = list.split(',').map((side) => side.trim().replace(/L$/, ''));
  if (sides.at(-1) === '') sides.pop();
  return sides.every((side) => /^\d{1,15}$/.test(side)) ? sides.map(Number) : undefined;
}

const numbers: Readonly<Record<string, ElementKind>> = {
  f2: 'F16',
  f4: 'F32',
  f8: 'F64',
  i1: 'I8',
  i2: 'I16',
  i4: 'I32',
  i8: 'I64',
  u1: 'U8',
  u2: 'U16',
  u4: 'U32',
  u8: 'U64',
  b1: 'BOOL',
};

function elementsOf(descr: string, refuse: Refuse): NpyElements {
  const [, order, type] = /^([<>|=]?)(\w+(?:\[.*\])?)$/.exec(descr) ?? [];
  const littleEndian = order !== '>';
  if (type !== undefined && Object.hasOwn(numbers, type)) return { kind: numbers[type]!, littleEndian };
  const text = /^([US])(\d{1,6})$/.exec(type ?? '');
  if (text) return { kind: 'text', wide: text[1] === 'U', length: Number(text[2]), littleEndian };
  if (type === 'O') return refuse('holds pickled Python objects, which are never opened');
  const kind = type?.startsWith('c') ? 'complex numbers' : `elements of the type '${descr.slice(0, 20)}'`;
  return refuse(`holds ${kind}, which are not read`);
}
