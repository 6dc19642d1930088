import type { ImageStream } from '../../data/sources/image_stream.ts';
import { describeRecipe } from '../../encoder/known_recipes.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { encoderStart } from '../../label/scan/encoder_scan.ts';
import { readFeatureFile } from '../../label/scan/feature_file.ts';
import type { EncoderOrigin } from '../../label/scan/features.ts';
import { knownStart, type Start } from '../../label/scan/start.ts';
import { labelledSet } from '../../label/task.ts';
import type { Files } from '../../platform/platform.ts';
import type { GivenSettings } from '../../setting.ts';
import type { HubOrigins } from '../hub/origins.ts';
import type { JobContext } from '../reporter.ts';
import type { startSettings } from '../settings/common.ts';
import type { DataSettings } from '../settings/data.ts';
import type { HubReach } from './encoder_place.ts';
import { chooseRecipe } from './encoder_recipe.ts';
import { nativeSide, sourceKind } from './image_source_kind.ts';
import type { OpenedImages } from './open_images.ts';
import { type GivenEncoder, readGivenEncoder } from './read_encoder.ts';

/** Encoders and features that the user names, as far as they can be read before the images are known. */
export interface GivenStarts {
  /** Trained encoders, the most wanted first. */
  readonly encoders: readonly GivenEncoder[];
  /** A file of features, and the one that names their images. */
  readonly features?: { readonly path: string; readonly paths: string | undefined };
}

/**
 * Reads the encoders that the settings name, and looks whether the features are there.
 * @param hub whether encoders may be fetched, and what the run had
 * @throws UserError where there is nothing, or nothing that can be read, at a place that they name
 */
export async function readGivenStarts(
  { files, reporter }: JobContext,
  { encoder, weights, encoderConfig, features, featurePaths }: GivenSettings<typeof startSettings>,
  hub: Pick<HubReach, 'download' | 'recorded'> = {},
): Promise<GivenStarts> {
  const encoders: GivenEncoder[] = [];
  const reach = { ...hub, reporter };
  if (encoder !== undefined && encoder !== 'none')
    encoders.push(await readGivenEncoder(files, 'encoder', encoder, encoderConfig, reach));
  if (weights !== undefined)
    encoders.push(await readGivenEncoder(files, 'weights', weights, undefined, reach));
  for (const { name, source } of encoders) for (const note of source.notes) reporter.note(`${name}: ${note}`);
  if (featurePaths !== undefined && features === undefined)
    throw new UserError(sentence`${named('featurePaths')} names the rows of ${named('features')}: give both`);
  await requireFile(files, 'features', features);
  await requireFile(files, 'featurePaths', featurePaths);
  return { encoders, ...(features !== undefined && { features: { path: features, paths: featurePaths } }) };
}

async function requireFile(
  files: JobContext['files'],
  setting: string,
  path: string | undefined,
): Promise<void> {
  if (path === undefined || (await files.stat(path))?.kind === 'file') return;
  throw new UserError(sentence`${named(setting, path)} is no file: check the path`);
}

/** Where the encoders came from, by the settings that name them; those that are no files of the hub are absent. */
export function originsOf(
  { encoders }: GivenStarts,
  { encoder, weights }: GivenSettings<typeof startSettings>,
): HubOrigins {
  const origins = encoders.flatMap(({ origin }) => origin ?? []);
  const by = (place: string | undefined) => origins.find((origin) => origin.place === place);
  const named = { encoder: by(encoder), weights: by(weights) };
  return Object.fromEntries(Object.entries(named).filter(([, origin]) => origin));
}

/** @throws UserError where methods would have nothing to start from */
export function requireStart({ encoders, features }: GivenStarts, hasPretext: boolean): void {
  if (hasPretext || features || encoders.length > 0) return;
  throw new UserError(
    sentence`there is nothing to start from: give ${named('encoder')} or ${named('features')}, or let a pretext task train`,
  );
}

/**
 * The starts that the user names, the most wanted first: features, then encoders, each at its own recipe. What no file
 * says of a recipe is chosen among those that are common for such encoders, by the given labels.
 * @throws UserError where the features do not fit the images
 */
export async function givenStarts(
  { files, reporter }: JobContext,
  { encoders, features }: GivenStarts,
  images: Pick<OpenedImages, 'engine' | 'stream' | 'task'>,
  { data, seed }: Pick<DataSettings, 'data' | 'seed'>,
): Promise<Start[]> {
  const { engine, stream, task } = images;
  const starts: Start[] = [];
  if (features) {
    const table = await readFeatureFile(files, features.path, features.paths, stream);
    for (const note of table.notes) reporter.note(note);
    starts.push(knownStart(table.features));
  }
  const photos = encoders.length > 0 && (await arePhotos(files, data, stream));
  for (const known of encoders) {
    const { encoder: architecture, tensors, positions } = known;
    const given = { architecture, tensors, positions };
    const trial = {
      encoder: given,
      stream,
      labelled: labelledSet(task.given),
      classes: task.classes.length,
      seed,
    };
    const { card, encoder } = await chooseRecipe(engine, reporter, known, trial, photos);
    const { recipe } = card;
    const origin: EncoderOrigin = { name: known.name, recipe, encoder, card };
    reporter.note(`${known.name}: ${card.architecture}, ${describeRecipe(recipe)}`);
    starts.push(encoderStart(engine, origin));
  }
  return starts;
}

/** A shorter side over which an image is a photo, in pixels: twice what encoders for small images see. */
const smallSide = 64;
const looked = 5;

/** Whether the images are larger than small ones, by a few of them. */
async function arePhotos(
  files: Files,
  data: string,
  { paths }: Pick<ImageStream, 'paths'>,
): Promise<boolean> {
  if (sourceKind(data) !== 'folder') return nativeSide(data) > smallSide;
  let larger = 0;
  let known = 0;
  for (let i = 0; i < looked; i++) {
    const path = paths[Math.floor((i * paths.length) / looked)]!;
    const size = await files.imageSize(files.join(data, path)).catch(() => undefined);
    if (!size) continue;
    known++;
    if (Math.min(size.width, size.height) > smallSide) larger++;
  }
  return 2 * larger > known;
}
