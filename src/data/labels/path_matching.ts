import type { NamedImages } from '../sources/image_stream.ts';
import { fileOfPage, isPage } from '../sources/page_path.ts';
import { unguard } from './csv.ts';
import { PathIndex } from './path_index.ts';
import { isSplitName } from './split_folders.ts';

/** An image that a cell names. */
export interface FoundPath {
  /** Its path, as the source lists it. */
  readonly path: string;
  /** How the cell differs from it, in words; absent where it does not. */
  readonly how?: string;
}

/** All images of a file that holds several, which a cell names without saying which of them. */
export interface FoundPages {
  /** Their paths, as the source lists them. */
  readonly pages: readonly string[];
  /** How the cell differs from the file's path, in words; absent where it does not. */
  readonly how?: string;
}

/** What a cell names: an image, all of a file's, or several of which it may be one; undefined where there is none. */
export type PathReading = FoundPath | FoundPages | { readonly several: readonly string[] } | undefined;

/** A change of paths that leaves what they name. */
interface Change {
  readonly how: string;
  readonly change: (path: string) => string;
}

const decoded = 'with %20 and the like decoded';

/** What other programs and systems do to paths; each is tried on what the ones before it made of the cell. */
const cellChanges: readonly Change[] = [
  { how: 'without spaces around them', change: (path) => path.trim() },
  {
    how: 'with \\ read as /',
    change: (path) => path.replaceAll('\\', '/').replace(/(?<=[^/])\/{2,}/g, '/'),
  },
  { how: 'without ./ in front', change: (path) => path.replace(/^(?:\.\/+)+/, '') },
  { how: decoded, change: percentDecoded },
];

/** A cell after some changes. */
interface Variant {
  readonly key: string;
  readonly how: readonly string[];
}

/** In what a cell and an image's path may differ and still be alike, from what is surely the same to what is not. */
const likenesses: readonly Change[] = [
  { how: 'whether accents are composed', change: (path) => path.normalize('NFC') },
  { how: 'whatever their case', change: (path) => path.toLowerCase() },
  { how: 'without the ending', change: withoutEnding },
];

function percentDecoded(path: string): string {
  if (!/%[0-9a-f]{2}/i.test(path)) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function withoutEnding(path: string): string {
  return path.replace(/\.(?:png|jpe?g|jpe|jfif|webp|tiff?|gif|bmp|avif|hei[cf]|dcm)$/i, '');
}

const endingOf = (path: string): string => path.slice(withoutEnding(path).length).toLowerCase();

const sameEnding = (a: string, b: string): boolean => endingOf(a) === endingOf(b);

const applied = (changes: readonly Change[], path: string): string =>
  changes.reduce((key, { change }) => change(key), path);

const alike = (path: string): string => applied(likenesses, path);

/** Whether two cells are the same path, as far as one of them goes. */
export function samePath(a: string, b: string): boolean {
  const [one, other] = [a, b].map((cell) => `/${alike(applied(cellChanges, unguard(cell)))}`) as [
    string,
    string,
  ];
  return one.endsWith(other) || other.endsWith(one);
}

/** The likenesses that make two paths the same, as few and as sure ones as will do; undefined where all do not. */
function differences(
  a: string,
  b: string,
): { readonly cost: number; readonly how: readonly string[] } | undefined {
  // Later likenesses are worse than all before them: they are the higher bits.
  for (let cost = 0; cost < 2 ** likenesses.length; cost++) {
    const chosen = likenesses.filter((_, at) => cost & (2 ** at));
    if (applied(chosen, a) === applied(chosen, b)) return { cost, how: chosen.map(({ how }) => how) };
  }
  return undefined;
}

/**
 * Finds the images that cells of a file name. A cell may be the image's path as the source lists it, or as another program
 * or system writes it: with backslashes, percent signs, composed or decomposed letters, in another case, without the
 * ending, with folders in front that the source does not have, or without folders that it has. The least change counts that
 * names an image; where it names several, none is chosen.
 */
export class PathMatcher {
  readonly #source: Pick<NamedImages, 'name'>;
  readonly #paths: readonly string[];
  readonly #exact: PathIndex;
  /** Images by their last so many folders and names, or whole where none is said, as `alike` has them; made when needed. */
  readonly #indices = new Map<number | undefined, PathIndex>();
  readonly #found = new Map<string, PathReading>();
  /** Images of files that hold several, by the file. */
  readonly #pages = new Map<string, string[]>();
  /** Finds these files. */
  readonly #stacks: PathMatcher | undefined;

  constructor(source: Pick<NamedImages, 'name' | 'paths' | 'omitted' | 'unreadable'>) {
    const { paths, omitted, unreadable } = source;
    this.#source = source;
    const others = [...omitted, ...unreadable.map(({ path }) => path)];
    this.#paths = others.length > 0 ? [...paths, ...others] : paths;
    this.#exact = new PathIndex(this.#paths);
    for (const path of this.#paths) {
      if (!isPage(path)) continue;
      const pages = this.#pages.get(fileOfPage(path));
      if (pages) pages.push(path);
      else this.#pages.set(fileOfPage(path), [path]);
    }
    const stacks = [...this.#pages.keys()].filter((file) => !this.#exact.has(file));
    if (stacks.length > 0)
      this.#stacks = new PathMatcher({ name: source.name, paths: stacks, omitted: [], unreadable: [] });
  }

  /** Whether a cell names an image, or all of a file's. */
  names(cell: string): boolean {
    const found = this.find(cell);
    return found !== undefined && !('several' in found);
  }

  /** What a cell names. The apostrophe that guards text from spreadsheets is taken off unless the path is known with it. */
  find(cell: string): PathReading {
    const bare = unguard(cell);
    if (this.#exact.has(bare)) return { path: bare };
    if (this.#exact.has(cell)) return { path: cell };
    if (this.#found.has(cell)) return this.#found.get(cell);
    const found = cell.trim() === '' ? undefined : (this.#search(bare) ?? this.#allPages(cell));
    this.#found.set(cell, found);
    return found;
  }

  /** All images of the file that a cell names. */
  #allPages(cell: string): PathReading {
    const file = this.#stacks?.find(cell);
    if (!file || !('path' in file)) return file;
    return { pages: this.#pages.get(file.path)!, ...(file.how !== undefined && { how: file.how }) };
  }

  /** An image that is called as the cell says but for its folders and its ending, for a question. */
  resembling(cell: string): string | undefined {
    const name = applied(cellChanges, unguard(cell)).split('/').at(-1)!;
    return (this.#index(1).get(alike(name)) ?? this.#index().get(alike(name)))?.[0];
  }

  #search(cell: string): PathReading {
    const variants: Variant[] = [{ key: cell, how: [] }];
    for (const { how, change } of cellChanges) {
      const last = variants.at(-1)!;
      const key = change(last.key);
      if (key !== last.key) variants.push({ key, how: [...last.how, how] });
    }
    // A percent sign is one of the name itself, if an image can be found so.
    const isDecoded = ({ how }: Variant) => how.includes(decoded);
    for (const some of [variants.filter((one) => !isDecoded(one)), variants.filter(isDecoded)]) {
      for (const relate of [this.#whole, this.#withFolders]) {
        for (const { key, how } of some) {
          const found = relate.call(this, key, how);
          if (found) return found;
        }
      }
    }
    return this.#withoutFolders(variants);
  }

  #whole(key: string, how: readonly string[]): PathReading {
    return nearest(key, this.#index().get(alike(key)), (path) => path, how);
  }

  /** With folders in front that the images have. */
  #withFolders(key: string, how: readonly string[]): PathReading {
    const parts = key.split('/').length;
    const images = this.#index(parts).get(alike(key));
    const added = 'with the folders that they lie in';
    return nearest(key, images, (path) => path.split('/').slice(-parts).join('/'), [...how, added]);
  }

  /** Without the fewest folders in front that leave the path of an image: some of what the cell says is then ignored. */
  #withoutFolders(variants: readonly Variant[]): PathReading {
    const ways = variants.map(({ key, how }) => ({ parts: key.split('/'), how }));
    const most = Math.max(...ways.map(({ parts }) => parts.length));
    for (let kept = most - 1; kept > 0; kept--) {
      for (const { parts, how } of ways) {
        if (parts.length <= kept) continue;
        const rest = parts.slice(-kept).join('/');
        const images = rest === '' ? undefined : this.#index().get(alike(rest));
        if (!images) continue;
        // Images of one part of a set are not those of the same names in another.
        const folder = parts.at(-kept - 1)!;
        const { name } = this.#source;
        if (isSplitName(folder) && isSplitName(name) && folder.toLowerCase() !== name.toLowerCase())
          return undefined;
        const left = `without '${parts.slice(0, -kept).join('/')}/' in front`;
        return nearest(rest, images, (path) => path, [...how, left]);
      }
    }
    return undefined;
  }

  #index(parts?: number): PathIndex {
    const known = this.#indices.get(parts);
    if (known) return known;
    const index = new PathIndex(this.#paths, (path) => {
      if (parts === undefined) return alike(path);
      const folders = path.split('/');
      return folders.length <= parts ? undefined : alike(folders.slice(-parts).join('/'));
    });
    this.#indices.set(parts, index);
    return index;
  }
}

/** The image that differs least from a key; several where they differ as little. */
function nearest(
  key: string,
  found: readonly string[] | undefined,
  part: (path: string) => string,
  how: readonly string[],
): PathReading {
  // Another ending is another file, which may show something else.
  const ended = withoutEnding(key) !== key;
  const images = found?.filter(
    (path) => !ended || withoutEnding(part(path)) === part(path) || sameEnding(key, path),
  );
  if (!images || images.length === 0) return undefined;
  // So many are told apart one by one; more of one name cannot be meant by it.
  const compared = images.slice(0, 16).map((path) => ({ path, ...differences(key, part(path))! }));
  const least = Math.min(...compared.map(({ cost }) => cost));
  const best = compared.filter(({ cost }) => cost === least);
  if (best.length > 1 || images.length > compared.length) return { several: best.map(({ path }) => path) };
  const [{ path, how: likeness }] = best as [(typeof compared)[number]];
  const all = [...how, ...likeness];
  return { path, ...(all.length > 0 && { how: all.join(', ') }) };
}
