import { binomialBound } from '../binomial_bound.ts';

/** Rows beyond a limit among known ones and among a mixture of their kind with another. */
export interface BeyondLimit {
  /** Known rows, and how many of them lie beyond the limit: parts of groups may count. */
  readonly known: number;
  readonly knownBeyond: number;
  /** Rows of the mixture, and how many of them lie beyond it. */
  readonly mixed: number;
  readonly mixedBeyond: number;
}

/** How much of a mixture is of the other kind. */
export interface MixtureShare {
  /** The estimate, 0 … 1. */
  readonly share: number;
  /** Its 95% interval: [low, high], each end one-sided at 97.5%. */
  readonly interval: readonly [number, number];
  /** With 95% confidence at least this share is of the other kind. */
  readonly atLeast: number;
}

/** Of the chance that a bound fails, the part that goes to the known rows, which are few. */
const knownPart = 0.8;

/**
 * The share π of another kind in a mixture, by how many rows lie beyond a limit: of the mixture F = (1 − π) F₀ + π F₁ do,
 * F₀ of the known kind and F₁ of the other, so π = (F − F₀)/(F₁ − F₀). Nothing is known of F₁ but that it is at most 1: the
 * estimate takes 1 (Storey 2002), and as the true F₁ is smaller it is too low if anything. The lower bound is that of
 * Blanchard, Lee & Scott (2010, JMLR 11) at one limit, with exact binomial bounds of F and F₀ (Clopper & Pearson). The
 * upper end of the interval is of chance alone: rows of the other kind that look like known ones are in no figure.
 */
export function mixtureShare(rows: BeyondLimit): MixtureShare {
  const { known, knownBeyond, mixed, mixedBeyond } = rows;
  const least = (chance: number) => {
    const upper = binomialBound(knownBeyond, known, 1 - knownPart * chance);
    const lower = 1 - binomialBound(mixed - mixedBeyond, mixed, 1 - (1 - knownPart) * chance);
    return shareOf(lower, upper);
  };
  const most = (chance: number) => {
    const lower = 1 - binomialBound(known - knownBeyond, known, 1 - knownPart * chance);
    return shareOf(binomialBound(mixedBeyond, mixed, 1 - (1 - knownPart) * chance), lower);
  };
  const share = shareOf(mixedBeyond / mixed, (knownBeyond + 1) / (known + 1));
  return {
    share,
    interval: [Math.min(share, least(0.025)), Math.max(share, most(0.025))],
    atLeast: least(0.05),
  };
}

/** @param mixed share of the mixture beyond the limit @param known that of the known kind */
function shareOf(mixed: number, known: number): number {
  return known < 1 ? Math.max(0, (mixed - known) / (1 - known)) : 0;
}
