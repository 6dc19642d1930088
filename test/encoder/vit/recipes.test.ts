import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { featureOf } from '../../../src/encoder/encoder_card.ts';
import { candidateRecipes, candidateSquares, describeRecipe } from '../../../src/encoder/known_recipes.ts';
import { publishedAs } from '../../../src/encoder/published_weights.ts';
import { readRecipeFile } from '../../../src/encoder/recipe_files.ts';
import type { ViTOptions } from '../../../src/nn/vit/vit.ts';
import { imagenetScale } from '../../../src/ops/augment.ts';

const sourceOf = (options: ViTOptions) =>
  ({
    encoder: { family: 'vit', ...options },
    metadata: {},
    normalise: imagenetScale,
    source: { normalisation: 'family' },
  }) as const;
const described = (options: ViTOptions) => candidateRecipes(sourceOf(options)).map(describeRecipe);

test('of a DINOv2 that nothing says more of, the recipe is Meta’s at 224 pixels, whatever its positions’ side', () => {
  const dinov2 = { patch: 14, grid: 37, layerScale: true };
  const expected = 'ImageNet mean and std; 224 pixels, cut from a shorter side of 256 (bicubic)';
  assert.is(described(dinov2)[0], expected);
  const { recipe, licence } = publishedAs('dinov2_vits14_reg4_pretrain.pth')!;
  assert.is(licence, 'Apache-2.0');
  assert.equal(candidateRecipes(sourceOf(dinov2), recipe).map(describeRecipe), [expected]);
});

test('of another ViT it has the side of the positions, and which normalisation is a matter of trial', () => {
  const [first, second] = described({ patch: 16, grid: 24 });
  assert.is(first, 'ImageNet mean and std; 384 pixels, cut from a shorter side of 426 (bicubic)');
  assert.match(second!, /^pixels from −1 to 1; 384/);
  const [recipe] = candidateRecipes(sourceOf({ patch: 16, grid: 14 }));
  const squares = candidateSquares(recipe!, sourceOf({ patch: 16, grid: 14 }));
  assert.equal(
    squares.map(({ resize }) => resize!.shorterSide),
    [248, 256, 224],
  );
});

test("transformers' configurations say heads and ε, and another activation is refused", () => {
  const config = {
    model_type: 'dinov2_with_registers',
    hidden_act: 'gelu',
    num_attention_heads: 6,
    layer_norm_eps: 1e-6,
  };
  const read = (more: object) =>
    readRecipeFile(JSON.stringify({ ...config, ...more }), 'config.json').encoder;
  assert.equal(read({}), { heads: 6, epsilon: 1e-6 });
  assert.equal(read({ model_type: 'vit', layer_norm_eps: 1e-12 }), { heads: 6, epsilon: 1e-12 });
  assert.throws(
    () => read({ hidden_act: 'quick_gelu' }),
    /^config\.json: "hidden_act" is "\\"quick_gelu\\"", not gelu, which kindred runs/,
  );
  assert.equal(read({ model_type: 'resnet', hidden_act: 'relu', downsample_in_bottleneck: true }), {
    stride: 'v1',
  });
});

test('what stands for an image has a name', () => {
  const vit = { family: 'vit', patch: 14, grid: 37 } as const;
  assert.is(featureOf(vit), 'class token');
  assert.is(
    featureOf({ family: 'vit', patch: 14, grid: 37, pooling: 'both' }),
    "class token and mean of the patches' tokens",
  );
  assert.is(featureOf({ stem: 'cifar' }), 'avgpool');
});

test.run();
