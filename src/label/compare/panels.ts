import type { CurvePoint, EncoderComparison, LabelCurve } from './result.ts';
import { howName } from './words.ts';

/** A curve as a panel shows it. */
export interface PanelCurve extends LabelCurve {
  /** For people. */
  readonly title: string;
  /** Place of its encoder among the compared, by which it is drawn alike everywhere. */
  readonly at: number;
}

/** What one way of learning from labels makes of every encoder, with training from scratch beside it. */
export interface Panel {
  /** The way, in words. */
  readonly title: string;
  /** The encoders' curves. */
  readonly curves: readonly PanelCurve[];
  /** Labels a class of the points, ascending, all last. */
  readonly points: readonly CurvePoint['perClass'][];
}

const ways = ['probe', 'knn', 'finetune'] as const;

/** The panels of a comparison; one where nothing but training from scratch was scored. */
export function panelsOf({ encoders }: EncoderComparison): Panel[] {
  const curves = encoders.flatMap(({ title, curves: own }, at) =>
    own.map((curve): PanelCurve => ({ ...curve, title, at })),
  );
  const present = ways.filter((how) => curves.some((curve) => curve.how === how));
  const shown = present.length > 0 ? present : curves.length > 0 ? ['supervised'] : [];
  return shown.map((how) => {
    const own = curves.filter((curve) => curve.how === how || curve.how === 'supervised');
    const name = howName(how);
    return {
      title: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
      curves: own,
      points: pointsOf(own),
    };
  });
}

function pointsOf(curves: readonly LabelCurve[]): CurvePoint['perClass'][] {
  const all = new Set(curves.flatMap(({ points }) => points.map(({ perClass }) => perClass)));
  return [...all].sort((a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY));
}

/** Place of a point among a panel's. */
export const pointRank = ({ perClass }: CurvePoint, points: Panel['points']): number =>
  points.indexOf(perClass);
