import type { HubOrigin } from '../../encoder/encoder_card.ts';

/** What is said about an encoder of the hub beside its name. */
export interface HubWish {
  /** The setting that names it. */
  readonly setting: string;
  /** Whether it may be fetched without a question. */
  readonly download: boolean;
  /** What an earlier part of the run had under the same name, which is then wanted again. */
  readonly recorded?: HubOrigin | undefined;
}
