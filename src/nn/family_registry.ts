import type { Architecture } from './architecture.ts';
import type { CifarResNetOptions } from './cifar_resnet/cifar_resnet.ts';
import { cifarResNetFamily } from './cifar_resnet/cifar_resnet_family.ts';
import type { Family, Refuse, StateDictShapes } from './family.ts';
import type { ResNetOptions } from './resnet/resnet.ts';
import { resnetFamily } from './resnet/resnet_family.ts';
import type { ViTOptions } from './vit/vit.ts';
import { vitFamily } from './vit/vit_family.ts';

/** The options of each family of encoders. A further family is one more line here, and its row below. */
interface FamilyOptions {
  readonly resnet: ResNetOptions;
  readonly 'cifar-resnet': CifarResNetOptions;
  readonly vit: ViTOptions;
}

/** A family of encoders, by the name that options give it. */
export type FamilyName = keyof FamilyOptions;

/**
 * What an encoder is made by, as `config.json` and the metadata of weights hold it. Without a family it is a ResNet.
 */
export type EncoderOptions =
  | (ResNetOptions & { readonly family?: 'resnet' })
  | {
      [Name in Exclude<FamilyName, 'resnet'>]: FamilyOptions[Name] & { readonly family: Name };
    }[Exclude<FamilyName, 'resnet'>];

/** All families of encoders; one that `FamilyOptions` names and that is missing here does not compile. */
export const families: { readonly [Name in FamilyName]: Family<FamilyOptions[Name]> } = {
  resnet: resnetFamily,
  'cifar-resnet': cifarResNetFamily,
  vit: vitFamily,
};

const names = Object.keys(families) as FamilyName[];

/** A family, for options of which it is only known that they are its own. */
const familyNamed = (name: FamilyName): Family<EncoderOptions> => families[name] as Family<EncoderOptions>;

/** The family that options name. */
export const familyOf = ({ family = 'resnet' }: EncoderOptions): Family<EncoderOptions> =>
  familyNamed(family);

/** The architecture that options of any family ask for. */
export function architectureOf(options: EncoderOptions): Architecture {
  return familyOf(options).describe(options);
}

/**
 * The options of the encoder that tensors belong to, with its family's name unless it is a ResNet. What names and
 * shapes do not tell is left to its default: see `withUntold`.
 * @param tensors of one encoder, under the families' names
 */
export function inferEncoder(tensors: StateDictShapes, refuse: Refuse): EncoderOptions {
  const name = names.find((name) => families[name].fits(tensors))!;
  const options = familyNamed(name).infer(tensors, refuse);
  return (name === 'resnet' ? options : { family: name, ...options }) as EncoderOptions;
}

/**
 * Options with those that names and shapes do not tell (strides of bottlenecks, padding of a stem, ε) as others state
 * them, as far as the family has them.
 */
export function withUntold(
  options: EncoderOptions,
  stated: Readonly<Record<string, unknown>> | EncoderOptions,
): EncoderOptions {
  const known = stated as Readonly<Record<string, unknown>>;
  const family: Pick<Family<Record<string, unknown>>, 'untold'> = familyOf(options);
  const kept = family.untold.filter((name) => known[name] !== undefined);
  return { ...options, ...Object.fromEntries(kept.map((name) => [name, known[name]])) };
}

/** A value of unknown origin as options; undefined where it is none, also where it has an option that no family has. */
export function parseEncoderOptions(value: unknown): EncoderOptions | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { family = 'resnet', ...options } = value as Record<string, unknown>;
  const name = names.find((candidate) => candidate === family);
  if (!name) return undefined;
  const { accepts, required, conflict } = familyNamed(name) as unknown as Family<Record<string, unknown>>;
  const isComplete = required.every((option) => options[option] !== undefined);
  const areFit = Object.entries(options).every(
    ([option, given]) => Object.hasOwn(accepts, option) && accepts[option]!(given),
  );
  return isComplete && areFit && conflict?.(options) === undefined ? (value as EncoderOptions) : undefined;
}
