import { platform } from '#platform';
import type { Engine } from '../../autograd/engine.ts';
import { readWeights } from '../../encoder/encoder_weights.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { encoderOrigin, encoderStart } from '../../label/scan/encoder_scan.ts';
import type { Start } from '../../label/scan/start.ts';
import type { GivenSettings } from '../../setting.ts';
import type { JobContext } from '../reporter.ts';
import type { NamedWeights } from '../run/read_run.ts';
import type { startSettings } from '../settings/common.ts';

/** Encoders and features that the user names, read and checked before anything slow begins. */
export interface GivenStarts {
  /** Trained encoders, the most wanted first. */
  readonly encoders: readonly NamedWeights[];
}

/** The name by which comparisons call the encoder that is shipped with kindred. */
export const baseEncoderName = 'base encoder';

/**
 * Reads what the settings name.
 * @throws UserError where there is nothing, or nothing that can be read, at a place that they name
 */
export async function readGivenStarts(
  context: JobContext,
  { encoder, weights }: GivenSettings<typeof startSettings>,
): Promise<GivenStarts> {
  const encoders: NamedWeights[] = [];
  if (encoder !== undefined && encoder !== 'none')
    encoders.push(await readEncoder(context, 'encoder', encoder));
  if (weights !== undefined) encoders.push(await readEncoder(context, 'weights', weights));
  return { encoders };
}

/** The starts that the user names, in the order of what is most wanted. */
export function givenStarts(engine: Engine, { encoders }: GivenStarts, imageSize: number): Start[] {
  return encoders.map((known) => encoderStart(engine, encoderOrigin(known.name, known, imageSize)));
}

/** @throws UserError where methods would have nothing to start from */
export function requireStart(starts: readonly unknown[]): void {
  if (starts.length > 0) return;
  throw new UserError(
    sentence`there is nothing to start from: give ${named('encoder')} or ${named('features')}, or let a pretext task train`,
  );
}

async function readEncoder(
  { files }: Pick<JobContext, 'files'>,
  setting: 'encoder' | 'weights',
  place: string,
): Promise<NamedWeights> {
  if (place === 'base') {
    const bytes = await platform.shipped('base/model.safetensors');
    return { name: baseEncoderName, learnedFromLabels: false, ...readWeights(bytes, baseEncoderName) };
  }
  const found = await files.stat(place);
  if (found?.kind !== 'file')
    throw new UserError(sentence`${named(setting, place)} is no file: give a weights file`);
  return { name: nameOf(place), learnedFromLabels: false, ...readWeights(await files.read(place), place) };
}

/** The last part of a path. */
const nameOf = (path: string): string => path.split(/[\\/]/).findLast((part) => part !== '') ?? path;
