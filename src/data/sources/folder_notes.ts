import { UserError } from '../../errors.ts';

/** Kinds of reading errors of a folder, counted. */
export class PassedOver {
  readonly #paths = new Map<string, string[]>();

  add(path: string, reason: string): void {
    const paths = this.#paths.get(reason);
    if (paths) paths.push(path);
    else this.#paths.set(reason, [path]);
  }

  /** A line for each kind, which names the first. */
  notes(): string[] {
    return [...this.#paths].map(([reason, [first, ...others]]) => {
      const more = others.length > 0 ? ` and ${others.length} more` : '';
      return `passed over: ${reason} (${first}${more})`;
    });
  }
}

/** What else lies in the folder. @param kinds counted, as `findImages` words them */
export function leftOutNotes(kinds: readonly string[]): string[] {
  return kinds.length > 0 ? [`left out: ${kinds.join(', ')}`] : [];
}

/** @param count of GIF files */
export function gifNotes(count: number): string[] {
  if (count === 0) return [];
  return [`${count} ${count === 1 ? 'GIF file' : 'GIF files'}: of an animation the first picture counts`];
}

/** The error of a folder without images. @param kinds what lies there instead, counted */
export function noImages(folder: string, kinds: readonly string[]): UserError {
  const content = kinds.length === 0 ? 'is empty' : `holds no image (only ${kinds.join(', ')})`;
  return new UserError(`${folder} ${content}: give a folder with images, such as JPEG, PNG or TIFF files`, {
    setting: 'data',
  });
}
