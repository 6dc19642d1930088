import { named, sentence, UserError } from '../../errors.ts';
import type { FineTuning } from '../../label/methods/network_rates.ts';
import type { LabellingSettings } from '../settings/common.ts';

/** Adapters of more columns are no smaller than what they stand beside. */
const mostRank = 256;

/**
 * What the settings say of training encoders further.
 * @throws UserError where the part is none, with those that there are
 */
export function readFineTuning({
  fineTune,
  layerDecay,
  dropPath,
}: Pick<LabellingSettings, 'fineTune' | 'layerDecay' | 'dropPath'>): FineTuning {
  const [, kind, digits] = /^(whole|last:(?=\d)|lora:(?=\d))(\d*)$/.exec(fineTune.trim()) ?? [];
  const number = Number(digits);
  const isSound = kind === 'whole' ? digits === '' : number >= 1 && (kind !== 'lora:' || number <= mostRank);
  if (kind === undefined || !isSound)
    throw new UserError(
      sentence`${named('fineTune', fineTune)} is no part of an encoder: give whole, last:N for its last N blocks, or lora:RANK with a rank from 1 to ${mostRank}`,
    );
  const part = kind === 'whole' ? kind : kind === 'last:' ? { last: number } : { rank: number };
  return { part, layerDecay, dropPath };
}
