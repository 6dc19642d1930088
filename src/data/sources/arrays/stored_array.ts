/** An array of a file, of which nothing but name and shape is read yet. */
export interface StoredArray {
  /** Its name in the file: `train_images`. */
  readonly name: string;
  /** Its sides, the first of them counting images. */
  readonly shape: readonly number[];
  /** What its elements are: bytes, other numbers, or text. */
  readonly elements: 'bytes' | 'numbers' | 'text';
  /** The elements' type, for messages: `float32`. */
  readonly type: string;
  /** Why it cannot be read, for messages, where that is so: `is packed by the filter lzf`. */
  readonly unreadable?: string | undefined;
  /** Bytes of some entries along the first side; only of arrays of bytes, with the last side running fastest. */
  read(first: number, count: number): Promise<Uint8Array>;
  /** All elements as numbers, in the same order; only of arrays of bytes or numbers. */
  numbers(): Promise<Float64Array>;
  /** All elements as text; only of arrays of text. */
  texts(): Promise<readonly string[]>;
}

/** Sides as they are read aloud: `388×28×28`. */
export const shapeText = (shape: readonly number[]): string => shape.join('×') || 'one number';

/** Entries in an array. */
export const elementsIn = (shape: readonly number[]): number =>
  shape.reduce((product, side) => product * side, 1);
