import { UserError } from '../../errors.ts';

/** How an image can have come to be labelled by a person (see `LabelOrigin`). */
export const originNames = ['random', 'stratified', 'proposed', 'audit', 'own'] as const;

/** One of `originNames`. */
export type OriginName = (typeof originNames)[number];

/**
 * How an image came to be labelled. `random`: drawn at random from all images.
 * `stratified`: drawn at random from all of its class. `proposed`: chosen
 * for what its label would teach. `audit`: drawn at random from labels that were automatic. `own`: by the person's own
 * choice, or by a way that is not known.
 */
export interface LabelOrigin {
  /** The way. */
  readonly origin: OriginName;
  /** Of a proposal, the chance with which it was made, above 0, up to 1; absent where it is not known. */
  readonly probability?: number;
}

/** What each labelled image's origin is, by the image's number; `own` where it has none here. */
export type Origins = ReadonlyMap<number, LabelOrigin>;

/** The columns of CSV files that hold origins. */
export const originColumns = ['origin', 'probability'] as const;

/** The origin that a file's cells name; undefined where they are empty. @throws UserError for what is none */
export function readOrigin(
  originCell: string,
  probabilityCell: string,
  file: string,
  row: number,
): LabelOrigin | undefined {
  const written = originCell.trim().toLowerCase();
  const chance = probabilityCell.trim();
  const origin = originNames.find((name) => name === written);
  if (written !== '' && !origin) {
    throw new UserError(
      `${file}, row ${row}: the origin is '${originCell}', but must be one of ${originNames.join(', ')}: leave it empty for a label of your own choice`,
    );
  }
  if (chance === '') return origin && { origin };
  if (origin !== 'proposed') {
    throw new UserError(
      `${file}, row ${row}: there is a probability, but the origin is '${originCell}': only what was proposed has one, so write proposed or empty the cell`,
    );
  }
  const probability = Number(chance);
  if (probability > 0 && probability <= 1) return { origin, probability };
  throw new UserError(
    `${file}, row ${row}: the probability is '${probabilityCell}', but must be a number above 0, up to 1: write what the proposal said, or empty the cell`,
  );
}

/** An origin as the cells of `originColumns`; `readOrigin` gives it back. */
export function originCells({ origin, probability }: LabelOrigin): [string, string] {
  // Significant digits: a small chance must not become 0.
  return [origin, probability === undefined ? '' : String(Number(probability.toPrecision(6)))];
}

/** The origins that rows name, by the number of their image. */
export function originsOf(
  rows: readonly { readonly path: string; readonly origin?: LabelOrigin }[],
  { paths }: { readonly paths: readonly string[] },
): Origins {
  const named = new Map(rows.flatMap(({ path, origin }) => (origin ? [[path, origin]] : [])));
  const origins = new Map<number, LabelOrigin>();
  paths.forEach((path, image) => {
    const origin = named.get(path);
    if (origin) origins.set(image, origin);
  });
  return origins;
}

/** Images of each origin among the labelled ones. @param given class of each image, −1 where it has none */
export function countOrigins(
  given: ArrayLike<number>,
  origins: Origins = new Map(),
): Record<OriginName, number> {
  const counts = { random: 0, stratified: 0, proposed: 0, audit: 0, own: 0 };
  for (let image = 0; image < given.length; image++) {
    if (given[image]! >= 0) counts[origins.get(image)?.origin ?? 'own']++;
  }
  return counts;
}
