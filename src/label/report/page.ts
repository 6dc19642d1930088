import type { View } from './elements.ts';
import { clip, userText } from './html.ts';
import { picturedImages, shownOf } from './limits.ts';
import { calibrationPart } from './parts/calibration_part.ts';
import { classesPart } from './parts/classes_part.ts';
import { comparisonPart } from './parts/comparison_part.ts';
import { dataPart } from './parts/data_part.ts';
import { mapPart } from './parts/map_part.ts';
import { picturesPart, workPart } from './parts/pictures_part.ts';
import { provenancePart } from './parts/provenance_part.ts';
import { riskCoveragePart } from './parts/risk_coverage_part.ts';
import { scoresPart } from './parts/scores_part.ts';
import { summary } from './parts/summary_part.ts';
import { trainingPart } from './parts/training_part.ts';
import { unlikePart } from './parts/unlike_part.ts';
import type { Report } from './report.ts';
import { script } from './script.ts';
import { renderPage } from './shell.ts';
import { makeSprites, type PictureSource } from './sprites.ts';

export type { PictureSource } from './sprites.ts';

/** The twelve parts, in their order. */
const parts = [
  dataPart,
  classesPart,
  comparisonPart,
  scoresPart,
  calibrationPart,
  riskCoveragePart,
  trainingPart,
  mapPart,
  picturesPart,
  unlikePart,
  workPart,
  provenancePart,
] as const;

/**
 * The report as one self-contained HTML page: it fetches nothing, reads without a script, and stays under 10 MB for any
 * number of images and classes. The same report and pictures give the same bytes.
 */
export async function renderReport(report: Report, pictures: PictureSource): Promise<string> {
  const shown = shownOf(report);
  const sprites = await makeSprites(picturedImages(shown), pictures);
  const view: View = { report, shown, sprites };
  const made = parts.map((part) => part(view));
  return renderPage({
    product: 'kindred: report on labels',
    tab: `Labels: ${clip(report.title, 100)}`,
    heading: userText(report.title, 100),
    summary: summary(report),
    parts: made,
    style: sprites.style,
    script,
  });
}
