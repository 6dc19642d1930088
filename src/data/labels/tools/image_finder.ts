import { unguard } from '../csv.ts';

/** What a place turned out to be: an image's path, or why it is none. */
export type Found = { readonly path: string } | { readonly missing: 'unknown' | 'vague' };

/** Paths by a part of theirs; null where several have it. */
type Index = ReadonlyMap<string, string | null>;

/**
 * Finds the images that tools mean: by paths of other computers, by addresses under which a tool serves them, by the
 * names that a tool gives to what is uploaded. Letters count as the same however they are composed.
 */
export class ImageFinder {
  readonly #paths: ReadonlyMap<string, string>;
  readonly #indexes = new Map<(path: string) => string[], Index>();

  constructor(paths: Iterable<string>) {
    this.#paths = new Map(Array.from(paths, (path) => [path.normalize('NFC'), path]));
  }

  /**
   * The image of the first place that leads to one: by its path, or that below folders that lie above the images; else by
   * the end of its path, by the name that an upload gave it, and by its path without the ending.
   * @param places paths, addresses or names, the likeliest first
   */
  find(places: readonly string[]): Found {
    const readings = places.flatMap(readingsOf);
    for (const written of readings) {
      for (const ending of endingsOf(written)) {
        const path = this.#paths.get(ending);
        if (path !== undefined) return { path };
      }
    }
    let vague = false;
    const ways = [
      { parts: endingsOf, key: (written: string) => written },
      {
        parts: uploadNames,
        key: (written: string) => uploadName(lastName(written).replace(uploadPrefix, '')),
      },
      { parts: stemsOf, key: (written: string) => written },
    ];
    for (const { parts, key } of ways) {
      for (const written of readings) {
        const path = this.#index(parts).get(key(written));
        if (path) return { path };
        if (path === null) vague = true;
      }
    }
    return { missing: vague ? 'vague' : 'unknown' };
  }

  /** Made when it is first asked for: most files give paths that are right. */
  #index(parts: (path: string) => string[]): Index {
    const known = this.#indexes.get(parts);
    if (known) return known;
    const index = new Map<string, string | null>();
    for (const [key, path] of this.#paths) {
      for (const part of parts(key)) {
        const before = index.get(part);
        index.set(part, before === undefined || before === path ? path : null);
      }
    }
    this.#indexes.set(parts, index);
    return index;
  }
}

/** Label Studio puts eight hexadecimal digits in front of the name of what is uploaded. */
const uploadPrefix = /^[0-9a-f]{8}-/;

/** Folders that a path may have and still be looked up by its last parts. */
const deepest = 32;

/** `b/c.jpg` and `c.jpg` of `a/b/c.jpg`, and the path itself. */
function endingsOf(path: string): string[] {
  const parts = path.split('/');
  const first = Math.max(0, parts.length - deepest);
  return parts.slice(first).map((_, index) => parts.slice(first + index).join('/'));
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A path without its ending, which files of annotations leave out. */
const stemOf = (path: string): string => path.replace(/\.[A-Za-z0-9]{1,5}$/, '');

const stemsOf = (path: string): string[] => endingsOf(path).map(stemOf);

const uploadNames = (path: string): string[] => [uploadName(lastName(path))];

/** The name of an uploaded file as web frameworks keep it: spaces become underscores, other signs are dropped. */
const uploadName = (name: string): string =>
  name
    .trim()
    .replaceAll(' ', '_')
    .replace(/[^-\p{L}\p{N}_.]/gu, '');

/** What a place can mean as a path, the likeliest first. */
function readingsOf(place: string): string[] {
  const written = [place, unguard(place), ...addressed(place.trim())];
  const cleaned = [...written, ...written.map(decoded)].map((path) =>
    path
      .replaceAll('\\', '/')
      .replace(/^(\.?\/)+/, '')
      .normalize('NFC'),
  );
  return [...new Set([...written.map((path) => path.normalize('NFC')), ...cleaned])].filter(
    (path) => path !== '',
  );
}

/** The path within an address: behind the server or the bucket, or in the question that asks for a local file. */
function addressed(place: string): string[] {
  const local = /^[^?#]*\/data\/local-files\/?\?(?:[^#]*&)?d=([^&#]*)/.exec(place);
  if (local) return [decoded(local[1]!), local[1]!];
  const cloud = /\/resolve\/?\?(?:[^#]*&)?fileuri=([^&#]*)/.exec(place);
  if (cloud) return addressed(base64(decoded(cloud[1]!)));
  const address = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*\/([^#]*)/i.exec(place);
  if (!address) return [];
  const [, rest = ''] = address;
  const isWeb = /^(https?|file):/i.test(place);
  const path = isWeb ? rest.replace(/\?.*$/s, '') : rest;
  return [decoded(path), path];
}

/** Text without percent signs; as it is where they mean nothing. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function base64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return '';
  }
}
