import type { EncoderOptions } from '../nn/family_registry.ts';
import { type Pooling, vitDefaults } from '../nn/vit/vit.ts';
import type { Weights } from './encoder_weights.ts';
import { normalisationName } from './known_recipes.ts';
import { describeSquare, type InputRecipe } from './recipe.ts';

/** Who says something of an encoder. */
export type CardSource = 'user' | 'config' | 'weights' | 'name' | 'hub' | 'labels' | 'usual';

/** The same in words. */
export const cardSources: Readonly<Record<CardSource, string>> = {
  user: 'stated by the user',
  config: 'by the configuration beside the weights',
  weights: 'by the weights file',
  name: "by the published file's name",
  hub: 'by its page on the hub',
  labels: 'chosen out of fold by the given labels',
  usual: 'usual for such encoders, stated nowhere',
};

/** A part of a recipe, each of which may come from elsewhere. */
export type RecipePart = 'imageSize' | 'filter' | 'shorterSide' | 'squash' | 'normalise' | 'mirror';

/** Where files of the hub came from, so that the same can be had again. */
export interface HubOrigin {
  /** What the setting said: a short name, or `hf:owner/name@revision`. */
  readonly place: string;
  /** The repository: `owner/name`. */
  readonly repository: string;
  /** The branch, tag or commit that was asked for. */
  readonly revision: string;
  /** Which of the files holds the weights, or is their index. */
  readonly weights: string;
  /** What the hub says that they may be used under; absent where nothing says it. */
  readonly licence?: string | undefined;
  /** Every file that was read, by its name: the commit it is of, and the SHA-256 of its content. */
  readonly files: Readonly<Record<string, { readonly commit: string; readonly sha256: string }>>;
}

/** What is known of an encoder that labels may rest on, and who says so: for the report and config.json of a run. */
export interface EncoderCard {
  /** What the comparison of methods calls it. */
  readonly name: string;
  /** Its network's title: `ResNet-50`. */
  readonly architecture: string;
  /** How images become its input. */
  readonly recipe: InputRecipe;
  /** Which of its tensors is the feature. */
  readonly feature: string;
  /** What the weights may be used under; null where nothing says it. */
  readonly licence: string | null;
  /** Where its files came from, where that is the hub. */
  readonly origin?: HubOrigin | undefined;
  /** Who says each part of the recipe, and the licence. */
  readonly from: Readonly<Record<RecipePart, CardSource>> & {
    readonly licence: CardSource | null;
    /** Absent where there is no choice of features. */
    readonly feature?: CardSource;
  };
  /** What speaks against the recipe, each a sentence. */
  readonly warnings: readonly string[];
}

const tokenFeatures: Readonly<Record<Pooling, string>> = {
  class: 'class token',
  mean: "mean of the patches' tokens",
  both: "class token and mean of the patches' tokens",
};

/**
 * The feature that an encoder gives: the mean over all pixels of the last stage, by torchvision's name, or what stands for
 * a vision transformer's tokens.
 */
export const featureOf = (encoder: EncoderOptions): string =>
  encoder.family === 'vit' ? tokenFeatures[encoder.pooling ?? vitDefaults.pooling] : 'avgpool';

/** Who says each part of the recipe of weights that carry it in their own metadata. */
export function sourcesOfOwn({
  imageSize,
  resize,
  mirror,
}: Pick<Weights, 'imageSize' | 'resize' | 'mirror'>): EncoderCard['from'] {
  const square = resize ? 'weights' : 'usual';
  return {
    imageSize: imageSize === undefined ? 'usual' : 'weights',
    filter: square,
    shorterSide: square,
    squash: square,
    normalise: 'weights',
    mirror: mirror ? 'weights' : 'usual',
    licence: null,
  };
}

/** What a card says, in words, each with who says it: for tables. */
export function describeCard({ recipe, feature, licence, origin, from }: EncoderCard): {
  readonly what: string;
  readonly value: string;
  readonly from: string;
}[] {
  const said = (parts: readonly RecipePart[]) =>
    [...new Set(parts.map((part) => cardSources[from[part]]))].join(', ');
  return [
    {
      what: 'Square',
      value: describeSquare(recipe),
      from: said(['imageSize', 'filter', 'shorterSide', 'squash']),
    },
    { what: 'Pixels', value: normalisationName(recipe.normalise), from: said(['normalise']) },
    {
      what: 'Feature',
      value: recipe.mirror ? `${feature}, mean of the image and its mirror image` : feature,
      from: [
        from.feature === undefined ? [] : cardSources[from.feature],
        recipe.mirror ? said(['mirror']) : [],
      ]
        .flat()
        .join(', ')
        .replace(/^$/, 'the only one that is read'),
    },
    {
      what: 'Licence',
      value: licence ?? 'not stated',
      from: from.licence === null ? '' : cardSources[from.licence],
    },
    { what: 'Files', value: origin ? describeOrigin(origin) : 'not of the hub', from: '' },
  ];
}

/** Repository, commit and file, short enough for a table; report.json has the whole hashes. */
export function describeOrigin({ repository, weights, files }: HubOrigin): string {
  const { commit = '', sha256 = '' } = files[weights] ?? {};
  return `${repository} at ${commit.slice(0, 12)}: ${weights}, SHA-256 ${sha256.slice(0, 12)}…`;
}
