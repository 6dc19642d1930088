import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  candidateRecipes,
  candidateSquares,
  describeRecipe,
  knownNormalisations,
  normalisationName,
  type RecipeSource,
} from '../../src/encoder/known_recipes.ts';
import { sameRecipe } from '../../src/encoder/recipe.ts';
import type { EncoderOptions } from '../../src/nn/family_registry.ts';
import { imagenetScale, pixelScale } from '../../src/ops/augment.ts';

const others = (encoder: EncoderOptions): RecipeSource => ({
  encoder,
  metadata: {},
  normalise: imagenetScale,
  source: { normalisation: 'family' },
});
const inMetadata = { normalisation: 'metadata' } as const;
const imagenet = others({ depth: 18, width: 64, stem: 'imagenet' });
const cifar = others({ depth: 18, width: 64, stem: 'cifar' });
const names = (recipes: ReturnType<typeof candidateRecipes>) =>
  recipes.map((recipe) => normalisationName(recipe.normalise));

test("where nothing says it, an ImageNet encoder's candidates begin with torchvision's recipe", () => {
  const candidates = candidateRecipes(imagenet);
  assert.is(
    describeRecipe(candidates[0]!),
    'ImageNet mean and std; 224 pixels, cut from a shorter side of 256 (bilinear)',
  );
  assert.equal(names(candidates), ['ImageNet mean and std', 'pixels from 0 to 1', 'pixels from −1 to 1']);
  assert.equal(candidateSquares(candidates[1]!, imagenet).map(describeRecipe), [
    'pixels from 0 to 1; 224 pixels, cut from a shorter side of 256 (bilinear)',
    'pixels from 0 to 1; 224 pixels, cut from a shorter side of 235 (bicubic)',
  ]);
});

test('of photos an encoder for small images sees the middle first, of images of its own size all', () => {
  const [likeliest] = candidateRecipes(cifar, {}, { photos: true });
  assert.is(
    describeRecipe(likeliest!),
    'CIFAR-10 mean and std; 32 pixels, cut from a shorter side of 36 (bilinear)',
  );
  assert.equal(
    candidateSquares(likeliest!, cifar, {}, { photos: true }).map(({ resize }) => resize!.shorterSide),
    [36, 32, 64],
  );
  assert.equal(candidateRecipes(imagenet, {}, { photos: true }), candidateRecipes(imagenet));
});

test('who published weights tells the likeliest recipe', () => {
  assert.is(
    describeRecipe(candidateRecipes(imagenet, {}, { publisher: 'timm' })[0]!),
    'ImageNet mean and std; 224 pixels, cut from a shorter side of 235 (bicubic)',
  );
  assert.is(names(candidateRecipes(imagenet, {}, { publisher: 'simclr' }))[0], 'pixels from 0 to 1');
  const byNaming = { ...imagenet, source: { normalisation: 'naming' } } as const;
  assert.is(names(candidateRecipes(byNaming))[0], 'pixels from 0 to 1');
});

test("encoders for small images see 32 pixels, and the published CIFAR ResNets ImageNet's figures first", () => {
  const candidates = candidateRecipes(cifar);
  assert.is(describeRecipe(candidates[0]!), 'CIFAR-10 mean and std; 32 pixels (bilinear)');
  assert.is(candidates.length, 5);
  assert.ok(candidates.every(({ imageSize, resize }) => imageSize === 32 && resize!.shorterSide === 32));
  const resnet20 = { family: 'cifar-resnet', depth: 20, width: 16 } as const;
  assert.is(
    describeRecipe(candidateRecipes(others(resnet20))[0]!),
    'ImageNet mean and std; 32 pixels (bilinear)',
  );
  const squares = candidateSquares(candidates[0]!, cifar).map(({ imageSize, resize }) => [
    imageSize,
    resize!.shorterSide,
  ]);
  assert.equal(squares, [
    [32, 32],
    [32, 36],
    [64, 64],
  ]);
});

test('what is stated leaves no choice, and what is stated in part leaves the rest', () => {
  const { normalise } = knownNormalisations.cifar100;
  const whole = { imageSize: 96, filter: 'bicubic', shorterSide: 100, squash: false, normalise } as const;
  const expected = { imageSize: 96, resize: { filter: 'bicubic', shorterSide: 100 }, normalise };
  assert.equal(candidateRecipes(imagenet, whole), [expected]);
  assert.equal(candidateSquares(expected as never, imagenet, whole), [expected]);
  const sided = candidateRecipes(imagenet, { imageSize: 112 });
  assert.is(sided.length, 3);
  assert.ok(sided.every(({ imageSize, resize }) => imageSize === 112 && resize!.shorterSide === 128));
  // The weights' own metadata, and a file beside them that says otherwise.
  const told = { ...cifar, source: inMetadata, normalise, imageSize: 40 };
  assert.equal(candidateRecipes(told), [
    { imageSize: 40, resize: { filter: 'bilinear', shorterSide: 40 }, normalise },
  ]);
  assert.equal(candidateRecipes(told, { imageSize: 48 })[0]!.imageSize, 48);
});

test('what a network does to pixels itself comes behind every normalisation that is tried, once', () => {
  const pixelNorm = { mean: 0.5, std: 2 };
  const normed = { ...imagenet, pixelNorm };
  // ((x − 0.5) / 0.5 − 0.5) / 2 = (x − 0.75) / 1
  const { half } = knownNormalisations;
  const twice = { mean: [0.75, 0.75, 0.75], std: [1, 1, 1] };
  assert.equal(candidateRecipes(normed, half)[0]!.normalise, twice);
  const [first] = candidateRecipes(normed);
  assert.ok(candidateSquares(first!, normed).every(({ normalise }) => normalise === first!.normalise));
  const stated = { ...normed, normalise: imagenetScale, source: inMetadata };
  assert.equal(candidateRecipes(stated)[0]!.normalise, imagenetScale);
});

test('our own files have the recipe that they were trained with and no other', () => {
  const own = {
    ...cifar,
    metadata: { encoder: '{}' },
    source: inMetadata,
    normalise: pixelScale,
    imageSize: 48,
  };
  assert.equal(candidateRecipes(own), [{ imageSize: 48, normalise: pixelScale }]);
  assert.equal(candidateSquares(candidateRecipes(own)[0]!, own), candidateRecipes(own));
  const resize = { filter: 'bilinear', shorterSide: 54 } as const;
  const atRecipe = { ...own, resize, normalise: imagenetScale };
  assert.equal(candidateRecipes(atRecipe), [{ imageSize: 48, resize, normalise: imagenetScale }]);
});

test('recipes are told apart by what they do, not by how they are written', () => {
  const one = { imageSize: 8, normalise: { mean: 0.5, std: 0.25 } };
  assert.ok(sameRecipe(one, { imageSize: 8, normalise: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } }));
  const resize = { filter: 'bilinear', shorterSide: 9 } as const;
  assert.ok(sameRecipe({ ...one, resize }, { ...one, resize: { ...resize, squash: false } }));
  assert.not(sameRecipe({ ...one, resize }, one));
  assert.not(sameRecipe({ ...one, resize }, { ...one, resize: { ...resize, squash: true } }));
  assert.is(normalisationName({ mean: 0.5, std: 0.5 }), 'pixels from −1 to 1');
  assert.is(normalisationName({ mean: [1, 2, 3], std: 1 / 3 }), 'mean 1 2 3 and std 0.3333');
  assert.is(
    describeRecipe({ ...one, resize: { filter: 'bicubic', shorterSide: 8, squash: true } }),
    "kindred's pixel scale; 8 pixels, width and height each on its own (bicubic)",
  );
});

test.run();
