import { featureOf } from '../../encoder/encoder_card.ts';
import { readWeights, type Weights } from '../../encoder/encoder_weights.ts';
import { describeRecipe } from '../../encoder/known_recipes.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { hubConfig } from '../../encoder/recipe_files.ts';
import type { Report } from '../../label/report/report.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import { percent } from '../percent.ts';

/** What a folder of the hub's layout is made from. */
export interface HubSource {
  /** The bytes of encoder.safetensors. */
  readonly encoder: Uint8Array;
  /** What labelled the images; null where nothing was labelled. */
  readonly report: Pick<Report, 'audit' | 'comparison' | 'outOfFold' | 'provenance'> | null;
  /** What the weights may be used under, as SPDX writes it; undefined where nothing says it. */
  readonly licence: string | undefined;
  /** Numbers that images of more than 8 bits were shown black and white by; absent where there were none. */
  readonly sampleRange?: readonly [low: number, high: number] | undefined;
  /** kindred's version. */
  readonly version: string;
}

/**
 * A folder of the hub's layout: `model.safetensors`, `config.json` with architecture and recipe, and `README.md`, the
 * model card. `readRecipeFile` and `readWeights` read it; other programs load the weights under their usual names.
 * @returns the files by name
 */
export function hubFolder(source: HubSource, file: string): Map<string, Uint8Array | string> {
  const weights = readWeights(source.encoder, file);
  const recipe = recipeOf(weights);
  const { encoder } = weights;
  const licence = source.licence ?? 'unknown';
  return new Map<string, Uint8Array | string>([
    ['model.safetensors', source.encoder],
    [
      'config.json',
      hubConfig({ encoder, recipe, feature: featureOf(encoder), licence, sampleRange: source.sampleRange }),
    ],
    ['README.md', modelCard(source, weights, recipe)],
  ]);
}

function recipeOf({ imageSize = 32, resize, normalise, mirror }: Weights): InputRecipe {
  return { imageSize, ...(resize && { resize }), normalise, ...(mirror && { mirror }) };
}

/** A model card as the hub reads it: YAML in front, then what a person should know. */
function modelCard(
  { report, licence, version, sampleRange }: HubSource,
  { encoder, tensors, metadata }: Weights,
  recipe: InputRecipe,
): string {
  const { title, featureSize } = architectureOf(encoder);
  const parameters = [...tensors.values()].reduce((sum, { length }) => sum + length, 0);
  const lines = [
    '---',
    'library_name: kindred',
    'pipeline_tag: image-feature-extraction',
    ...(licence === undefined ? [] : [`license: ${licence.toLowerCase()}`]),
    '---',
    `# ${title}`,
    '',
    `An encoder of ${parameters.toLocaleString('en')} numbers: an image to ${featureSize} features. Its tensors have torchvision's names and layouts; there is no classifier.`,
    '',
    `- Trained by: ${metadata.method ?? 'unknown'} (kindred ${version}).`,
    ...(metadata.startedFrom === undefined ? [] : [`- Went on from: ${metadata.startedFrom}.`]),
    `- Recipe: ${describeRecipe(recipe)}.`,
    ...(sampleRange
      ? [`- Of images with more than 8 bits ${sampleRange[0]} was shown black and ${sampleRange[1]} white.`]
      : []),
    `- Licence: ${licence ?? 'not stated; that of the weights it started from, if it did'}.`,
    ...(report ? figuresOf(report) : ['- Figures: none, since nothing was labelled with it.']),
    '',
    'kindred takes this folder as its encoder; other programs load the weights by their names.',
    '',
  ];
  return lines.join('\n');
}

function figuresOf({ audit, comparison, outOfFold, provenance }: NonNullable<HubSource['report']>): string[] {
  const chosen = comparison.rows.find((row) => row.chosen);
  const lines = [`- Data: ${audit.description}; fingerprint ${provenance.fingerprint}.`];
  if (chosen?.outOfFold && outOfFold)
    lines.push(
      `- Figures: ${chosen.method} names ${percent(chosen.outOfFold.mean)} of ${outOfFold.count} given labels rightly out of fold.`,
    );
  if (chosen?.heldOut && comparison.heldOutFrom !== null)
    lines.push(`- On ${comparison.heldOutFrom}: ${percent(chosen.heldOut.mean)}.`);
  return lines;
}
