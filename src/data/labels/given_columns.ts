import { type CsvTable, unguard } from './csv.ts';
import { originNames } from './origin.ts';
import { isStatus } from './status.ts';

/** What a row of a labels file says, each cell as it is written. */
export interface GivenCells {
  readonly path: string;
  /** What the person says, without the guard against spreadsheets. */
  readonly label: string;
  /** Undefined where the file does not say how images came by their labels. */
  readonly status: string | undefined;
  readonly origin: string;
  readonly probability: string;
}

/**
 * The columns of a labels file. People have columns called `status` and `origin` of their own (`done`, `Kenya`): these are
 * kindred's only where a cell is what kindred writes there, or where the pair of origin and probability is there; a
 * probability alone is that of another program's prediction.
 */
export class GivenColumns {
  readonly #path: number;
  readonly #label: number;
  readonly #status: number;
  readonly #origin: number;
  readonly #probability: number;
  /** Which columns are not what their names say, in words. */
  readonly notes: readonly string[];

  constructor({ names, rows }: CsvTable) {
    const own = (name: string, isOwn: (cell: string) => boolean, paired = false) => {
      const at = names.indexOf(name);
      const cells = at < 0 ? [] : rows.map(({ fields }) => fields[at]!.trim()).filter((cell) => cell !== '');
      const isForeign = cells.length > 0 && !paired && !cells.some(isOwn);
      return { at: isForeign ? -1 : at, isForeign, name };
    };
    const isOrigin = (cell: string) => (originNames as readonly string[]).includes(cell.toLowerCase());
    const status = own('status', isStatus);
    const origin = own('origin', isOrigin, names.includes('probability'));
    this.#path = names.indexOf('path');
    this.#label = names.indexOf(names.includes('checked_label') ? 'checked_label' : 'label');
    this.#status = status.at;
    this.#origin = origin.at;
    this.#probability = origin.at < 0 ? -1 : names.indexOf('probability');
    this.notes = [status, origin].flatMap(({ isForeign, name }) =>
      isForeign ? [`the column ${name} left out, whose cells are your own`] : [],
    );
  }

  /** The cells of a row. */
  of(fields: readonly string[]): GivenCells {
    return {
      path: fields[this.#path]!,
      label: unguard(fields[this.#label]!),
      status: this.#status < 0 ? undefined : fields[this.#status]!,
      origin: fields[this.#origin] ?? '',
      probability: fields[this.#probability] ?? '',
    };
  }
}
