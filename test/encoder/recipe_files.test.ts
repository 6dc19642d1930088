import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { InputRecipe } from '../../src/encoder/recipe.ts';
import { hubConfig, readRecipeFile, type StatedRecipe, withStated } from '../../src/encoder/recipe_files.ts';
import { UserError } from '../../src/errors.ts';
import { imagenetScale, pixelScale } from '../../src/ops/augment.ts';
import { assertUserError } from '../data/temporary.ts';
import { brought, figures, normalise, partsOf, read, timm } from './recipe_dialects/configurations.ts';

const { mean } = timm.pretrained_cfg;

test('what a file leaves out is undefined and named', () => {
  const stated = read({ pretrained_cfg: { interpolation: 'bilinear', mean, std: null } });
  assert.equal(partsOf(stated), { filter: 'bilinear' });
  assert.equal(stated.unsaid, [
    'the side of the images',
    'the side that the square is cut from',
    "the pixels' mean and std",
  ]);
  // The configuration of a model, not of its images.
  const model = read({ model_type: 'resnet', hidden_sizes: [64, 128], architectures: ['ResNetModel'] });
  assert.equal([model.dialect, model.architecture, model.unsaid.length], ['unknown', 'resnet', 4]);
  assert.equal(partsOf(read({})), {});
});

test('a value that is none is one sentence: file, field, what it holds and what it should', async () => {
  const cases: readonly (readonly [unknown, ...(string | RegExp)[]])[] = [
    [
      { pretrained_cfg: { ...timm.pretrained_cfg, input_size: [1, 28, 28] } },
      '"pretrained_cfg.input_size" is "[1,28,28]"',
      '[3, side, side]',
    ],
    [{ pretrained_cfg: { input_size: [3, 224, 192] } }, 'input_size'],
    [{ pretrained_cfg: { input_size: [3, 1e9, 1e9] } }, 'from 1 to 1024'],
    [{ pretrained_cfg: { interpolation: 'lanczos' } }, 'lanczos', 'bilinear or bicubic'],
    [{ pretrained_cfg: { crop_pct: 0 } }, 'crop_pct', '0.25 to 1'],
    [{ pretrained_cfg: { crop_mode: 'border' } }, 'border', 'center or squash'],
    [{ pretrained_cfg: { mean: [0.5, 0.5] } }, 'mean', 'three numbers'],
    [{ pretrained_cfg: { mean, std: [0, 1, 1] } }, 'std'],
    [{ pretrained_cfg: 'resnet' }, 'pretrained_cfg', 'an object'],
    [{ ...figures, resample: 1 }, '"resample" is "1"', '2 or 3'],
    [{ ...figures, size: { height: 224, width: 256 } }, 'size', 'height and width'],
    [{ ...figures, size: { longest_edge: 224 } }, 'size', 'shortest_edge'],
    [{ ...figures, size: { shortest_edge: 2000 } }, 'size', '1024'],
    [{ ...figures, do_center_crop: 'yes' }, 'do_center_crop', 'true or false'],
    [{ ...figures, rescale_factor: -1 }, 'rescale_factor'],
    [{ kindred: { version: 9 } }, 'kindred.version'],
    [{ kindred: { version: 1, recipe: { imageSize: 0, normalise } } }, 'kindred.recipe.imageSize'],
    [{ kindred: { version: 1 } }, 'kindred.recipe'],
  ];
  for (const [config, ...parts] of cases) {
    await assertUserError(
      () => read(config, 'x/preprocessor_config.json'),
      'x/preprocessor_config.json',
      ...parts,
    );
  }
  await assertUserError(
    () => readRecipeFile('{"a":\n', 'config.json'),
    'config.json is no JSON',
    'fetch it again',
  );
  await assertUserError(() => readRecipeFile('<html>', 'config.json'), 'config.json is no JSON');
  await assertUserError(() => readRecipeFile('[1]', 'config.json'), 'no JSON object');
  assert.is(readRecipeFile('\uFEFF{}', 'config.json').dialect, 'unknown');
  // Deeper than the stack.
  const deep = `${'['.repeat(1e5)}${']'.repeat(1e5)}`;
  for (const key of [
    'interpolation',
    'input_size',
    'mean',
    'resample',
    'kindred',
    'do_resize',
    'architecture',
  ]) {
    await assertUserError(
      () => readRecipeFile(`{"${key}":${deep},"image_std":1,"crop_pct":0.9}`, 'config.json'),
      'config.json',
    );
  }
});

test('our own configuration of a folder comes back as it was written', () => {
  const encoder = { depth: 18, width: 16, stem: 'cifar' } as const;
  for (const recipe of [
    { imageSize: 32, resize: { filter: 'bilinear', shorterSide: 36 }, normalise },
    { imageSize: 48, resize: { filter: 'bicubic', shorterSide: 48, squash: true }, normalise, mirror: true },
    { imageSize: 64, normalise: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } },
  ] as unknown as InputRecipe[]) {
    const stated = readRecipeFile(
      hubConfig({ encoder, recipe, feature: 'average pool', licence: 'MIT' }),
      'config.json',
    );
    assert.equal(stated.unsaid, []);
    assert.equal(
      [stated.dialect, stated.encoder, stated.feature, stated.licence],
      ['kindred', encoder, 'average pool', 'MIT'],
    );
    assert.equal(withStated({ imageSize: 8, normalise: pixelScale }, stated), recipe);
  }
});

test('a recipe takes the parts that are stated; a side alone keeps the share that is cut out', () => {
  const base: InputRecipe = {
    imageSize: 224,
    resize: { filter: 'bilinear', shorterSide: 256 },
    normalise: imagenetScale,
  };
  assert.equal(withStated(base, {}), base);
  assert.equal(withStated(base, { imageSize: 112 }).resize, { filter: 'bilinear', shorterSide: 128 });
  assert.equal(withStated(base, { filter: 'bicubic', shorterSide: 224, squash: true }).resize, {
    filter: 'bicubic',
    shorterSide: 224,
    squash: true,
  });
  assert.equal(withStated({ ...base, mirror: true }, { mirror: false }), base);
  assert.equal(withStated({ imageSize: 64, normalise: pixelScale }, { imageSize: 32 }), {
    imageSize: 32,
    normalise: pixelScale,
  });
});

test('no file does anything but state a recipe that can be used or say in one line what is wrong', () => {
  const keys = [
    'pretrained_cfg',
    'input_size',
    'interpolation',
    'crop_pct',
    'crop_mode',
    'mean',
    'std',
    'license',
  ];
  const others = [
    'size',
    'crop_size',
    'resample',
    'do_resize',
    'do_center_crop',
    'do_normalize',
    'image_mean',
  ];
  const more = [
    'image_std',
    'rescale_factor',
    'do_rescale',
    'feature_extractor_type',
    'kindred',
    'architecture',
  ];
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'bicubic',
      'squash',
      'ViTFeatureExtractor',
      '__proto__',
      'constructor',
      3,
      2,
      224,
      0.9,
      true,
      false,
    ),
    fc.array(fc.double({ min: 0.1, max: 2 }), { minLength: 3, maxLength: 3 }),
    fc.record(
      { shortest_edge: fc.integer(), height: fc.integer(), width: fc.integer() },
      { requiredKeys: [] },
    ),
  );
  const flat = fc.dictionary(fc.constantFrom(...keys, ...others, ...more), value);
  const config = fc.oneof(
    flat,
    fc.record({ pretrained_cfg: flat }),
    fc.record({ kindred: fc.record({ version: fc.constant(1), recipe: flat }) }),
    fc.jsonValue(),
  );
  const base: InputRecipe = {
    imageSize: 224,
    resize: { filter: 'bilinear', shorterSide: 256 },
    normalise: imagenetScale,
  };
  fc.assert(
    fc.property(config, (json) => {
      let stated: StatedRecipe;
      try {
        stated = read(json);
      } catch (error) {
        assert.instance(error, UserError);
        assert.not.match((error as Error).message, '\n');
        return;
      }
      const { imageSize, resize, normalise: found } = withStated(base, stated);
      assert.ok(
        imageSize >= 1 && imageSize <= 1024 && resize!.shorterSide >= 1 && resize!.shorterSide <= 4096,
      );
      assert.ok(brought(found, 255).every(Number.isFinite));
    }),
    { numRuns: 500, seed: 3 },
  );
});

test.run();
