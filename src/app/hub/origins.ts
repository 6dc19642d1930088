import * as v from 'valibot';
import type { HubOrigin } from '../../encoder/encoder_card.ts';

/** Settings that may name an encoder of the hub. */
export const hubSettings = ['encoder', 'weights', 'pretextFrom'] as const;
/** One of them. */
export type HubSetting = (typeof hubSettings)[number];

/** Where a run's encoders came from, by the settings that name them; those that are no files of the hub are absent. */
export type HubOrigins = { readonly [Setting in HubSetting]?: HubOrigin | undefined };

const commit = v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const origin = v.looseObject({
  place: v.string(),
  repository: v.string(),
  revision: v.string(),
  weights: v.string(),
  licence: v.exactOptional(v.string()),
  files: v.record(v.string(), v.object({ commit, sha256 })),
});

/** The same in config.json. */
export const hubOrigins = v.looseObject({
  encoder: v.exactOptional(origin),
  weights: v.exactOptional(origin),
  pretextFrom: v.exactOptional(origin),
});

/** What a run had under a name that a setting still says; undefined where it says another now. */
export function recordedOrigin(
  origins: HubOrigins | undefined,
  setting: HubSetting,
  place: string,
): HubOrigin | undefined {
  const recorded = origins?.[setting];
  return recorded?.place === place ? recorded : undefined;
}
