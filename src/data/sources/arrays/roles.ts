import { UserError } from '../../../errors.ts';
import { type StoredArray, shapeText } from './stored_array.ts';

/** Parts that sets of images come in. What is called validation is for choosing settings, so training may use it. */
export type Part = 'train' | 'val' | 'test';

/** The arrays of one part. */
export interface PartArrays {
  readonly part: Part;
  readonly images: StoredArray;
  /** Absent where nobody says what the images show. */
  readonly labels: StoredArray | undefined;
}

/** The arrays of a file by what they are for. */
export interface Roles {
  readonly parts: readonly PartArrays[];
  /** Names of the classes by their numbers; absent where the file has none. */
  readonly names: StoredArray | undefined;
}

const partWords: Readonly<Record<string, Part>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
};
const imageWords = new Set(['images', 'image', 'imgs', 'img', 'x', 'data', 'pixels', 'inputs']);
const labelWords = new Set(['labels', 'label', 'y', 'targets', 'target', 'classes', 'class']);
const nameArrays = /(^|[/_])(class_?names|label_?names|list_classes|categories|classes)$/i;
/** Words that say nothing: of `train_set_x_orig`. */
const fillers = new Set(['set', 'orig', 'dataset', 'all']);

/**
 * Which arrays of a file are images and which labels, by the names that MedMNIST (`train_images`, `val_labels`), Keras
 * (`x_train`) and others use: a word for the part, in no file that has one part only, and a word for images or labels.
 * Without such names, one array of images and one of numbers are taken for what they are.
 * @throws UserError where no array is one of training images
 */
export function rolesOf(arrays: readonly StoredArray[], file: string): Roles {
  const names = arrays.find(
    (array) => array.elements === 'text' && array.shape.length === 1 && nameArrays.test(array.name),
  );
  const others = arrays.filter((array) => array !== names);
  const named = others.flatMap((array) => {
    const role = roleOf(array.name);
    return role ? [{ ...role, array }] : [];
  });
  const found = (['train', 'val', 'test'] as const).flatMap((part): PartArrays[] => {
    const of = (kind: 'images' | 'labels') => {
      const fitting = named.filter((role) => role.part === part && role.kind === kind);
      if (fitting.length > 1)
        throw twice(
          file,
          part,
          kind,
          fitting.map(({ array }) => array.name),
        );
      return fitting[0]?.array;
    };
    const images = of('images');
    return images ? [{ part, images, labels: of('labels') }] : [];
  });
  const parts = found.length > 0 ? found : byShape(others);
  if (parts.some(({ part }) => part !== 'test')) return { parts, names };
  const listed = arrays
    .map(({ name, shape }) => `${name} ${shapeText(shape)}`)
    .slice(0, 8)
    .join(', ');
  throw new UserError(
    `${file} has no array of training images (it holds ${listed || 'nothing'}): call them train_images and train_labels, or x_train and y_train`,
  );
}

function twice(file: string, part: Part, kind: string, names: readonly string[]): UserError {
  return new UserError(
    `${file} has more than one array of ${part} ${kind} (${names.join(', ')}): keep the one that counts`,
  );
}

/** The last part of a name tells what an array is; its group may tell the part of the set. */
function roleOf(name: string): { readonly part: Part; readonly kind: 'images' | 'labels' } | undefined {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !fillers.has(word));
  const part = words.flatMap((word) => (Object.hasOwn(partWords, word) ? partWords[word]! : []));
  const kinds = words.filter((word) => !Object.hasOwn(partWords, word));
  if (part.length > 1 || kinds.length !== 1) return undefined;
  const kind = imageWords.has(kinds[0]!) ? 'images' : labelWords.has(kinds[0]!) ? 'labels' : undefined;
  return kind && { part: part[0] ?? 'train', kind };
}

/** One array of images, and at most one other with a number for each. */
function byShape(arrays: readonly StoredArray[]): PartArrays[] {
  const images = arrays.filter(({ shape, elements }) => elements === 'bytes' && shape.length >= 3);
  const rest = arrays.filter((array) => !images.includes(array));
  const [only] = images;
  if (!only || images.length > 1 || rest.length > 1) return [];
  return [{ part: 'train', images: only, labels: rest[0] }];
}
