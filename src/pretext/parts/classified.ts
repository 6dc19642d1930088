import { type Curve, featureCurves, lossCurve, neighboursLine } from '../method.ts';

/**
 * What the figures of a task are to people that draws one of K changes and asks which.
 * @param label what should be recognised, in a few words
 * @param meaning what the accuracy is, for people who do not know the task
 * @param choices K, by the method's settings
 */
export const classifiedFigures = <Settings>(
  label: string,
  meaning: string,
  choices: (settings: Settings) => number,
) => ({
  chanceLoss: (settings: Settings) => Math.log(choices(settings)),
  metrics: [
    {
      name: 'pretextAccuracy',
      term: 'pretext accuracy',
      label,
      unit: 'share',
      chance: (settings: Settings) => 1 / choices(settings),
      meaning,
    },
  ] as const,
  curves: [
    lossCurve,
    {
      title: 'Named rightly',
      unit: 'share',
      lines: [{ of: 'pretextAccuracy', name: label }, neighboursLine],
    },
    ...featureCurves,
  ] as readonly Curve[],
});
