import { type Sentence, sentence, UserError } from '../../errors.ts';
import type { NamedImages } from '../sources/image_stream.ts';
import { type PathMatcher, samePath } from './path_matching.ts';
import { shown } from './shown_text.ts';

/** Ways of matching that are told one by one. */
const toldWays = 3;

/** Reads the paths of a file row by row, and keeps count of how they were matched and which were not. */
export class PathReader {
  readonly #matcher: PathMatcher;
  readonly #source: NamedImages;
  readonly #file: string;
  readonly #advice: Sentence | undefined;
  readonly #ways = new Map<string, number>();
  readonly #cellOf = new Map<string, { readonly cell: string; readonly row: number }>();
  #unknown: { readonly cell: string; readonly row: number } | undefined;
  #unknownRows = 0;
  #rows = 0;
  /** Rows that name a file of several images, and how many images these are. */
  #stacks = 0;
  #pages = 0;

  /** @param options the file's name, for messages, and what to do about an unknown path where the file itself is right */
  constructor(
    matcher: PathMatcher,
    source: NamedImages,
    options: { readonly file: string; readonly advice?: Sentence | undefined },
  ) {
    this.#matcher = matcher;
    this.#source = source;
    this.#file = options.file;
    this.#advice = options.advice;
  }

  /**
   * The path of the image that a row names, or those of all images of the file that it names; empty where there is none,
   * which `requireAll` refuses.
   * @throws UserError for an empty cell, one that names several images, and two different paths that lead to one image
   */
  read(cell: string, row: number): readonly string[] {
    this.#rows++;
    const refuse = (problem: string) => new UserError(`${this.#file}, row ${row}: ${problem}`);
    if (cell.trim() === '') throw refuse('there is a label but no path: write the path of its image');
    const found = this.#matcher.find(cell);
    if (found === undefined) {
      this.#unknown ??= { cell, row };
      this.#unknownRows++;
      return [];
    }
    if ('several' in found) {
      const [one, other] = found.several as [string, string];
      throw refuse(`${shown(cell)} may be ${one} or ${other}: write the whole path, as the images have it`);
    }
    const { how } = found;
    if (how !== undefined) this.#ways.set(how, (this.#ways.get(how) ?? 0) + 1);
    if ('pages' in found) {
      this.#stacks++;
      this.#pages += found.pages.length;
      return found.pages;
    }
    const { path } = found;
    const before = this.#cellOf.get(path);
    if (before && !samePath(before.cell, cell)) {
      throw refuse(
        `${shown(cell)} and ${shown(before.cell)} of row ${before.row} both lead to ${path}, the only image of that name: write the paths as the images have them`,
      );
    }
    if (!before) this.#cellOf.set(path, { cell, row });
    return [path];
  }

  /** @throws UserError where a row named no image */
  requireAll(): void {
    if (!this.#unknown) return;
    const { cell, row } = this.#unknown;
    const { name, paths } = this.#source;
    const others = this.#unknownRows - 1;
    const also = others > 0 ? ` (and none of ${others} other ${others === 1 ? 'row' : 'rows'})` : '';
    const alike = this.#matcher.resembling(cell);
    const hint = this.#unknownRows < this.#rows ? ', or delete such rows' : '';
    const advice =
      this.#advice ??
      (alike ? `did you mean ${alike}?` : `paths look like ${paths[0] ?? 'nothing yet'}${hint}`);
    throw new UserError(
      sentence`${this.#file}, row ${row}: there is no image ${shown(cell)} in ${name}${also}: ${advice}`,
    );
  }

  /** How paths were matched that are not just those of the images, in words. */
  notes(): string[] {
    const whole = this.#stacks;
    if (whole === 0) return this.#matches();
    const said = `${whole} of ${this.#rows} rows in ${this.#file} ${whole === 1 ? 'names a whole file' : 'name whole files'} of several images, and ${whole === 1 ? 'counts' : 'count'} for all ${this.#pages} of them`;
    return [said, ...this.#matches()];
  }

  #matches(): string[] {
    if (this.#ways.size === 0) return [];
    const ways = [...this.#ways].sort((a, b) => b[1] - a[1]);
    const rest = ways.slice(toldWays).reduce((sum, [, count]) => sum + count, 0);
    const told = ways.slice(0, toldWays).map(([how, count]) => `${count} ${how}`);
    if (rest > 0) told.push(`${rest} in similar ways`);
    return [`of ${this.#rows} paths in ${this.#file}, matched with the images': ${told.join('; ')}`];
  }
}
