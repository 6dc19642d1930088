import type { Architecture } from './architecture.ts';
import type { Family } from './family.ts';
import type { ResNetOptions } from './resnet/resnet.ts';
import { resnetFamily } from './resnet/resnet_family.ts';

/** The options of each family of encoders. A further family is one more line here, and its row below. */
interface FamilyOptions {
  readonly resnet: ResNetOptions;
}

/** A family of encoders, by the name that options give it. */
type FamilyName = keyof FamilyOptions;

/**
 * What an encoder is made by, as `config.json` and the metadata of weights hold it. Without a family it is a ResNet.
 */
export type EncoderOptions = {
  [Name in FamilyName]: FamilyOptions[Name] & { readonly family?: Name };
}[FamilyName];

/** All families of encoders; one that `FamilyOptions` names and that is missing here does not compile. */
export const families: { readonly [Name in FamilyName]: Family<FamilyOptions[Name]> } = {
  resnet: resnetFamily,
};

/** The architecture that options of any family ask for. */
export function architectureOf(options: EncoderOptions): Architecture {
  const family: Family<EncoderOptions> = families[options.family ?? 'resnet'];
  return family.describe(options);
}
