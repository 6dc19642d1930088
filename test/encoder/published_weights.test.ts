import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidateRecipes, candidateSquares, describeRecipe } from '../../src/encoder/known_recipes.ts';
import { publishedAs, publisherByConfig, publisherByNames } from '../../src/encoder/published_weights.ts';
import { imagenetScale } from '../../src/ops/augment.ts';

const resnet50 = {
  encoder: { depth: 50, width: 64, stem: 'imagenet' },
  metadata: {},
  normalise: imagenetScale,
  source: { normalisation: 'family' },
} as const;

test('torchvision’s first and second weights are told apart by the hashes in their files’ names', () => {
  const recipeOf = (name: string) => {
    const { recipe } = publishedAs(name)!;
    const [first, ...others] = candidateRecipes(resnet50, recipe);
    assert.is(others.length, 0, 'all of it is known');
    assert.is(candidateSquares(first!, resnet50, recipe).length, 1);
    return describeRecipe(first!);
  };
  const v1 = 'ImageNet mean and std; 224 pixels, cut from a shorter side of 256 (bilinear)';
  const v2 = 'ImageNet mean and std; 224 pixels, cut from a shorter side of 232 (bilinear)';
  assert.is(recipeOf('resnet50-0676ba61.pth'), v1);
  assert.is(recipeOf('resnet50-19c8e357.pth'), v1);
  assert.is(recipeOf('resnet50-11ad3fa6.pth'), v2);
  assert.is(recipeOf('wide_resnet50_2-9ba9bcbe.pth'), v2);
  assert.is(publishedAs('resnet50-0676ba61.pth')!.licence, 'BSD-3-Clause');
  assert.is(publishedAs('semi_supervised_resnet50-08389792.pth')!.licence, 'CC-BY-NC-4.0');
  assert.is(publishedAs('resnet50.pth'), undefined);
  assert.is(publishedAs('resnet50-0676ba62.pth'), undefined);
});

test('of a CIFAR ResNet the name tells how pixels are normalised, and not which square of a photo', () => {
  assert.equal(publishedAs('resnet20-12fca82f.th'), {
    recipe: { normalise: imagenetScale },
    licence: 'BSD-2-Clause',
  });
});

test('models’ names tell who published them', () => {
  const by = (...names: string[]) => publisherByNames(names);
  assert.is(by('model.safetensors', 'resnet18.a1_in1k'), 'timm');
  assert.is(by('model.safetensors', 'resnet50.tv_in1k'), 'torchvision');
  assert.is(by('model.safetensors', 'resnet50.tv2_in1k'), 'torchvision-v2');
  assert.is(by('resnet50_a1_0-14fe96d1.pth'), 'timm');
  assert.is(by('resnet26d-69e92c46.pth'), 'timm');
  assert.is(by('model.safetensors', 'resnet-50'), 'transformers');
  assert.is(by('resnet50-0123abcd.pth', 'wide_resnet50_2-0123abcd.pth', 'weights'), undefined);
});

test('a configuration without a recipe tells who wrote it, and that which square comes first', () => {
  assert.is(publisherByConfig({ dialect: 'unknown', architecture: 'resnet50' }), 'timm');
  assert.is(publisherByConfig({ dialect: 'unknown', architecture: 'resnet' }), 'transformers');
  assert.is(publisherByConfig({ dialect: 'unknown' }), undefined);
  const squareOf = (publisher: ReturnType<typeof publisherByNames>) =>
    candidateRecipes(resnet50, {}, { publisher })[0]!.resize;
  assert.equal(squareOf('torchvision-v2'), { filter: 'bilinear', shorterSide: 232 });
  assert.equal(squareOf('timm'), { filter: 'bicubic', shorterSide: 235 });
  assert.equal(squareOf('transformers'), { filter: 'bicubic', shorterSide: 256 });
});

test.run();
