import { platform } from '#platform';
import { lastPart } from '../../data/last_part.ts';
import type { HubOrigin } from '../../encoder/encoder_card.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { Files, Hub } from '../../platform/platform.ts';
import { hubEncoder } from '../hub/hub_encoder.ts';
import { hubName, isRepository, knownEncoders } from '../hub/names.ts';
import { type HubOrigins, type HubSetting, recordedOrigin } from '../hub/origins.ts';
import { type JobContext, silentReporter } from '../reporter.ts';

/** Where the files of an encoder lie. */
export interface EncoderPlace {
  /** What comparisons call it. */
  readonly name: string;
  /** Path of its weights, or of their index. */
  readonly weights: string;
  /** Where a file beside the weights would lie; undefined where there is none of that name. */
  readonly beside: (name: string) => string | undefined;
  /** Where it came from, where that is the hub. */
  readonly origin?: HubOrigin;
}

/** How a job reaches the hub. */
export interface HubReach {
  /** Whom it tells, and asks. */
  readonly reporter: JobContext['reporter'];
  /** Whether files may be fetched without a question. */
  readonly download?: boolean | undefined;
  /** What an earlier part of the run had. */
  readonly recorded?: HubOrigins | undefined;
  /** The hub; the platform's by default. */
  readonly hub?: Hub;
}

/** Names of weights files in folders of the hub's layout and in runs of kindred, the most wanted first. */
const hubNames = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'encoder.safetensors',
];
const weightsName = /\.(?:safetensors|pth|th|pt|ckpt|bin|torch|tar)$/i;

/**
 * Finds the files of an encoder: a path that exists, else what the name is of on the hub.
 * @throws UserError where there is nothing of that name, or it may not or cannot be fetched
 */
export async function findEncoder(
  files: Files,
  setting: HubSetting,
  place: string,
  reach: HubReach = { reporter: silentReporter },
): Promise<EncoderPlace> {
  const name = hubName(place);
  const exists = !place.startsWith('hf:') && (await files.stat(place)) !== undefined;
  if (name && !exists) {
    const { reporter, download = false, recorded } = reach;
    const wish = { setting, download, recorded: recordedOrigin(recorded, setting, place) };
    const found = await hubEncoder({ files, reporter }, reach.hub ?? platform.hub(files), name, wish);
    return { name: name.known ? place : name.repository, ...found };
  }
  if (name)
    reach.reporter.note(
      `${place}: taken from here, where there is such a path; hf:${name.repository} is the one of the hub`,
    );
  const weights = await findWeights(files, setting, place);
  const folder = weights.slice(0, Math.max(0, weights.length - lastPart(weights).length - 1)) || '.';
  return { name: lastPart(place), weights, beside: (file) => files.join(folder, file) };
}

/** Path of the weights that a place names. */
async function findWeights(files: Files, setting: HubSetting, place: string): Promise<string> {
  const found = await files.stat(place);
  if (found?.kind === 'file') return place;
  const where = sentence`${named(setting, place)}`;
  if (found === undefined) {
    const words = setting === 'encoder' ? 'base or none' : 'base';
    const short = isRepository(place) && place.includes('/') ? `hf:${place}` : 'hf:owner/name';
    throw new UserError(
      sentence`there is nothing at ${where}: give a weights file, a folder with model.safetensors, ${words}, ${short} for one of the hub, or one of ${Object.keys(knownEncoders).join(', ')}`,
    );
  }
  const names = (await files.list(place)).filter((name) => !name.includes('/'));
  const usual = hubNames.find((name) => names.includes(name));
  if (usual !== undefined) return files.join(place, usual);
  const weights = names.filter((name) => weightsName.test(name));
  const [only] = weights;
  if (only !== undefined && weights.length === 1) return files.join(place, only);
  if (only === undefined)
    throw new UserError(
      sentence`${where} is a folder without weights: give one that holds model.safetensors, or the file itself`,
    );
  throw new UserError(
    sentence`${where} holds several weights files (${weights.slice(0, 3).join(', ')}${weights.length > 3 ? ', …' : ''}): give the one that you mean`,
  );
}
