import { type NamedImages, type PathLabel, readGivenRows } from '../../data/labels/given_rows.ts';
import { decodeText } from '../../data/labels/text_encoding.ts';
import { readWeights, type Weights } from '../../encoder/encoder_weights.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { Report } from '../../label/report/report.ts';
import type { Files } from '../../platform/platform.ts';
import { pictureFile } from '../../pretext/parts/picture_files.ts';
import { defaultMethod, pretextMethods } from '../../pretext/registry.ts';
import { epochsOf, trainingRecord } from '../../pretext/training_record.ts';
import type { KeptSettings } from '../settings/jobs.ts';
import { readConfig } from './config.ts';

/** Weights that downstream methods can start from, by the name under which they are compared. */
export interface NamedWeights extends Weights {
  /** What the comparison of methods calls them: `SimCLR`, `given weights`. */
  readonly name: string;
  /** Their training has seen given labels: on these it cannot be checked. */
  readonly learnedFromLabels: boolean;
}

/** How a run's encoder was trained, from its config.json and its metrics.jsonl; null where it has no epochs. */
export async function readTraining(files: Files, folder: string): Promise<Report['training']> {
  const path = files.join(folder, 'metrics.jsonl');
  if ((await files.stat(path))?.kind !== 'file') return null;
  const epochs = epochsOf(new TextDecoder().decode(await files.read(path)));
  if (epochs.length === 0) return null;
  const { settings } = await readConfig({ files }, folder);
  const { method = defaultMethod, batch } = settings;
  if (batch === undefined) return null;
  const drawn = files.join(folder, pictureFile(epochs.at(-1)!.epoch));
  const picture = (await files.stat(drawn))?.kind === 'file' ? await files.read(drawn) : undefined;
  return trainingRecord({ ...settings, method, batch }, epochs, { picture });
}

/** The pretext encoder of a run. @throws UserError where the run has none */
export async function readPretext(files: Files, folder: string): Promise<NamedWeights> {
  const path = await findPretext(files, folder);
  if (path === undefined)
    throw new UserError(
      sentence`${named('run', folder)} holds no encoder: let its pretext run end first, with ${named('resume')}`,
    );
  const weights = readWeights(await files.read(path), path);
  const name = pretextName(weights);
  return { ...weights, name, learnedFromLabels: methodOf(weights)?.learnsFromLabels === true };
}

const methodOf = ({ metadata }: Pick<Weights, 'metadata'>) =>
  Object.values(pretextMethods).find(({ name }) => name === metadata.method);

/** What the encoder of a pretext task is called where it is compared: `SimCLR`, `SimCLR from base encoder`. */
export function pretextName(weights: Pick<Weights, 'metadata'>): string {
  const title = methodOf(weights)?.title ?? 'encoder';
  const { startedFrom } = weights.metadata;
  return startedFrom === undefined ? title : `${title} from ${startedFrom}`;
}

/** The encoder that a run's pretext task trained; undefined where it has none. @throws UserError where it is missing */
export async function readRunPretext(
  files: Files,
  folder: string,
  { pretext }: Pick<KeptSettings, 'pretext'>,
): Promise<NamedWeights | undefined> {
  return pretext === 'none' ? undefined : readPretext(files, folder);
}

/** Path of a run's pretext encoder, which a run that only pretrained has as its encoder; undefined where there is none. */
export async function findPretext(files: Files, folder: string): Promise<string | undefined> {
  for (const name of ['pretext.safetensors', 'encoder.safetensors']) {
    const path = files.join(folder, name);
    if ((await files.stat(path))?.kind === 'file') return path;
  }
  return undefined;
}

/** The labels that people gave to a run's images; undefined where it has labelled none. */
export async function readGiven(
  files: Files,
  folder: string,
  images: NamedImages,
): Promise<readonly PathLabel[] | undefined> {
  if (!(await hasGiven(files, folder))) return undefined;
  const path = files.join(folder, 'given.csv');
  const advice = sentence`let ${named('data')} name all images that the run had, and more if you like, or start anew`;
  const { text } = decodeText(await files.read(path), path);
  return readGivenRows(text, images, { file: path, advice, settled: true }).rows;
}

/** Whether people's labels were saved with a run; they then stand for those that it was started with. */
export async function hasGiven(files: Files, folder: string): Promise<boolean> {
  return (await files.stat(files.join(folder, 'given.csv')))?.kind === 'file';
}
