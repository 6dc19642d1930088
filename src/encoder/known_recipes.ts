import { shorterSideOf } from '../data/resize/resize.ts';
import type { ViTOptions } from '../nn/vit/vit.ts';
import { imagenetScale, type Normalisation, pixelScale } from '../ops/augment.ts';
import type { Weights } from './encoder_weights.ts';
import { normaliseTwice } from './names/pixels.ts';
import type { WeightsSource } from './names/source_notes.ts';
import type { Publisher } from './published_weights.ts';
import { describeSquare, type InputRecipe, sameNormalisation, sameRecipe } from './recipe.ts';
import type { StatedParts } from './recipe_dialects/stated.ts';
import { withStated } from './recipe_files.ts';

/** The normalisations that published encoders were trained with, by what people call them. */
export const knownNormalisations = {
  /** torchvision, timm and most others; many CIFAR encoders too (akamaster's and Idelbayev's ResNets). */
  imagenet: { name: 'ImageNet mean and std', normalise: imagenetScale },
  /** Over all pixels of the 50,000 training images; another common std, of each image on its own, is a fifth smaller. */
  cifar10: {
    name: 'CIFAR-10 mean and std',
    normalise: { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
  },
  cifar100: {
    name: 'CIFAR-100 mean and std',
    normalise: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
  },
  /** TensorFlow's and many transformers'. */
  half: { name: 'pixels from −1 to 1', normalise: { mean: 0.5, std: 0.5 } },
  /** google-research's SimCLR, and whoever stops at torchvision's ToTensor. */
  unit: { name: 'pixels from 0 to 1', normalise: { mean: 0, std: 1 } },
  own: { name: "kindred's pixel scale", normalise: pixelScale },
} as const satisfies Readonly<Record<string, { name: string; normalise: Normalisation }>>;

type NormalisationName = keyof typeof knownNormalisations;

type Square = Pick<InputRecipe, 'imageSize' | 'resize'>;

/** torchvision's first weights of every ResNet, and most self-supervised ones. */
const torchvisionSquare: Square = { imageSize: 224, resize: { filter: 'bilinear', shorterSide: 256 } };
/** torchvision's second weights (`IMAGENET1K_V2`). */
const torchvisionV2Square: Square = { imageSize: 224, resize: { filter: 'bilinear', shorterSide: 232 } };
/** Hugging Face's ResNets: ConvNext's processor with a share of 224 / 256. */
const transformersSquare: Square = { imageSize: 224, resize: { filter: 'bicubic', shorterSide: 256 } };
/** timm's own ResNets (`a1_in1k` and its like): 0.95 of the shorter side. */
const timmSquare: Square = { imageSize: 224, resize: { filter: 'bicubic', shorterSide: 235 } };
/** The whole of CIFAR's own side. */
const cifarSquare: Square = { imageSize: 32, resize: { filter: 'bilinear', shorterSide: 32 } };
/** As much of a photo as ImageNet's crop shows: its object fills more of the square, as CIFAR's do. */
const cifarCrop: Square = { imageSize: 32, resize: { filter: 'bilinear', shorterSide: 36 } };
/** The side of Tiny ImageNet, and near STL-10's, for which the same stem is used. */
const largerCifarSquare: Square = { imageSize: 64, resize: { filter: 'bilinear', shorterSide: 64 } };

/** What encoders of one kind may expect; the first of each is what they most often do. */
interface Expectations {
  readonly squares: readonly Square[];
  readonly normalisations: readonly NormalisationName[];
}

const imagenetEncoders: Expectations = {
  squares: [torchvisionSquare, timmSquare],
  normalisations: ['imagenet', 'unit', 'half'],
};

const published: Readonly<Record<Publisher, Expectations>> = {
  torchvision: imagenetEncoders,
  'torchvision-v2': { ...imagenetEncoders, squares: [torchvisionV2Square, torchvisionSquare] },
  timm: { ...imagenetEncoders, squares: [timmSquare, torchvisionSquare] },
  transformers: { ...imagenetEncoders, squares: [transformersSquare, torchvisionSquare] },
  simclr: { ...imagenetEncoders, normalisations: ['unit', 'imagenet', 'half'] },
};

const cifarSquares = [cifarSquare, cifarCrop, largerCifarSquare];
const photoSquares = [cifarCrop, cifarSquare, largerCifarSquare];

/** The published CIFAR ResNets of three stages follow ImageNet's figures; SimCLR's on CIFAR its own. */
const cifarResNets: Expectations = {
  squares: cifarSquares,
  normalisations: ['imagenet', 'cifar10', 'cifar100', 'half', 'unit'],
};
const cifarStems: Expectations = {
  squares: cifarSquares,
  normalisations: ['cifar10', 'imagenet', 'cifar100', 'half', 'unit'],
};

/** The grid of positions that DINOv2's files carry, for images of 518 pixels; they are evaluated at 224. */
const dinov2Grid = 37;
/** https://github.com/facebookresearch/dinov2/blob/main/dinov2/data/transforms.py (make_classification_eval_transform) */
const dinov2Square: Square = { imageSize: 224, resize: { filter: 'bicubic', shorterSide: 256 } };

/**
 * Vision transformers at the side of their positions: DINOv2's as Meta evaluates them, others as timm's ViTs with 0.9 of
 * the shorter side; these saw pixels from −1 to 1, those of DINO, DeiT and masked autoencoders ImageNet's.
 * https://github.com/huggingface/pytorch-image-models/blob/main/timm/models/vision_transformer.py (_cfg)
 */
function vits({ patch, grid, layerScale = false }: ViTOptions): Expectations {
  if (layerScale && grid === dinov2Grid)
    return { squares: [dinov2Square], normalisations: ['imagenet', 'half', 'unit'] };
  const imageSize = patch * grid;
  const square = (share: number): Square => ({
    imageSize,
    resize: { filter: 'bicubic', shorterSide: shorterSideOf(imageSize, share) },
  });
  return { squares: [square(0.9), square(0.875), square(1)], normalisations: ['imagenet', 'half', 'unit'] };
}

/** What is known from elsewhere and makes some recipes likelier. */
export interface RecipeHints {
  /** Who published the weights; by default as the naming of their tensors tells. */
  readonly publisher?: Publisher | undefined;
  /** The images are photos, much larger than what encoders for small images were trained on, of things that do not fill them. */
  readonly photos?: boolean;
}

function expectationsOf({ encoder, source }: RecipeSource, { publisher, photos }: RecipeHints): Expectations {
  const known = publisher ?? (source.normalisation === 'naming' ? 'simclr' : 'torchvision');
  if (encoder.family === 'vit') return vits(encoder);
  const isSmall = encoder.family === 'cifar-resnet' || encoder.stem === 'cifar';
  if (!isSmall) return published[known];
  const expected = encoder.family === 'cifar-resnet' ? cifarResNets : cifarStems;
  return photos ? { ...expected, squares: photoSquares } : expected;
}

type Told = 'encoder' | 'metadata' | 'normalise' | 'imageSize' | 'resize' | 'mirror' | 'pixelNorm';

/** What is known of weights before anything is tried. */
export interface RecipeSource extends Pick<Weights, Told> {
  /** Who says how pixels are normalised. */
  readonly source: Pick<WeightsSource, 'normalisation'>;
}

/**
 * The recipes that weights may have been trained with, likeliest first: one where it is stated, else one for each
 * normalisation that is common for such encoders, all with the same square (see `candidateSquares`).
 * @param weights as they were read
 * @param stated by a file beside them, which outweighs what the weights' own metadata say
 */
export function candidateRecipes(
  weights: RecipeSource,
  stated: StatedParts = {},
  hints: RecipeHints = {},
): InputRecipe[] {
  // Our own files say all; of older ones what they leave out is as it was when there was no choice.
  if (weights.metadata.encoder !== undefined) {
    return [told({ imageSize: weights.imageSize ?? 32, normalise: pixelScale }, weights, stated)];
  }
  const { squares, normalisations } = expectationsOf(weights, hints);
  const [square] = squares;
  const recipes = normalisations.map((name) => ({ ...square!, ...knownNormalisations[name] }));
  return distinct(recipes.map((recipe) => told(recipe, weights, stated)));
}

/**
 * A recipe with the squares that encoders of its kind may also expect, itself first; itself alone where the square is
 * stated.
 */
export function candidateSquares(
  recipe: InputRecipe,
  weights: RecipeSource,
  stated: StatedParts = {},
  hints: RecipeHints = {},
): InputRecipe[] {
  if (weights.metadata.encoder !== undefined) return [recipe];
  const { squares } = expectationsOf(weights, hints);
  const { normalise } = recipe;
  const others = squares.map((square) => ({ ...told({ ...square, normalise }, weights, stated), normalise }));
  return distinct([recipe, ...others]);
}

/** Normalisations that weights may have been trained with, whatever is stated of them, but for one. */
export function otherNormalisations(weights: RecipeSource, normalise: Normalisation): Normalisation[] {
  const { pixelNorm } = weights;
  const known = Object.values(knownNormalisations).map((one) =>
    pixelNorm ? normaliseTwice(one.normalise, pixelNorm) : one.normalise,
  );
  const all = [weights.normalise, ...known];
  return all.filter(
    (one, at) =>
      !sameNormalisation(one, normalise) && all.findIndex((other) => sameNormalisation(one, other)) === at,
  );
}

/** A recipe with the parts that weights state themselves, and those that a file beside them does. */
function told(
  recipe: InputRecipe,
  { source, normalise, imageSize, resize, mirror, pixelNorm }: RecipeSource,
  stated: StatedParts,
): InputRecipe {
  // What the network itself does to pixels comes behind any normalisation.
  const behind = (first: Normalisation) => (pixelNorm ? normaliseTwice(first, pixelNorm) : first);
  const isStated = source.normalisation === 'metadata' || source.normalisation === 'tensors';
  const own = { imageSize, ...resize, mirror, normalise: isStated ? normalise : behind(recipe.normalise) };
  const beside = { ...stated, normalise: stated.normalise && behind(stated.normalise) };
  return withStated(withStated(recipe, own), beside);
}

function distinct(recipes: readonly InputRecipe[]): InputRecipe[] {
  return recipes.filter((recipe, at) => recipes.findIndex((other) => sameRecipe(recipe, other)) === at);
}

/** What people call a normalisation: `ImageNet mean and std`; its figures where it has no name. */
export function normalisationName(normalise: Normalisation): string {
  const known = Object.values(knownNormalisations).find((one) => sameNormalisation(one.normalise, normalise));
  if (known) return known.name;
  const figures = (value: Normalisation['mean']) =>
    [value].flat().map((number) => Number(number.toPrecision(4)));
  return `mean ${figures(normalise.mean).join(' ')} and std ${figures(normalise.std).join(' ')}`;
}

/** A recipe in words: `ImageNet mean and std; 224 pixels, cut from a shorter side of 256 (bilinear)`. */
export function describeRecipe(recipe: InputRecipe): string {
  const mirrored = recipe.mirror ? '; with its mirror image' : '';
  return `${normalisationName(recipe.normalise)}; ${describeSquare(recipe)}${mirrored}`;
}
