import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { brought, figures, normalise, partsOf, read } from './configurations.ts';

const { image_mean: mean, image_std: std } = figures;

test("transformers' processors state which side they mean, by their size and by their type", () => {
  const check = (config: object, expected: object) =>
    assert.equal(partsOf(read({ ...figures, resample: 3, ...config })), {
      filter: 'bicubic',
      normalise,
      ...expected,
    });
  // Hugging Face's ResNets: ConvNext's processor cuts 224 / crop_pct, or squashes from 384 on.
  const convNext = { feature_extractor_type: 'ConvNextFeatureExtractor', do_resize: true };
  check({ ...convNext, size: 224, crop_pct: 0.875 }, { imageSize: 224, shorterSide: 256, squash: false });
  check({ ...convNext, size: { shortest_edge: 224 } }, { imageSize: 224, shorterSide: 256, squash: false });
  check({ ...convNext, size: 384, crop_pct: 0.95 }, { imageSize: 384, shorterSide: 384, squash: true });
  // DINOv2's.
  check(
    {
      image_processor_type: 'BitImageProcessor',
      size: { shortest_edge: 256 },
      do_center_crop: true,
      crop_size: { height: 224, width: 224 },
    },
    { imageSize: 224, shorterSide: 256, squash: false },
  );
  check(
    { image_processor_type: 'ViTImageProcessor', size: { height: 224, width: 224 } },
    { imageSize: 224, shorterSide: 224, squash: true },
  );
  check(
    { feature_extractor_type: 'ViTFeatureExtractor', size: 32 },
    { imageSize: 32, shorterSide: 32, squash: true },
  );
  check(
    { feature_extractor_type: 'DeiTFeatureExtractor', size: 256, do_center_crop: true, crop_size: 224 },
    { imageSize: 224, shorterSide: 256, squash: true },
  );
  check(
    { feature_extractor_type: 'CLIPFeatureExtractor', size: 224, do_center_crop: true, crop_size: 224 },
    { imageSize: 224, shorterSide: 224, squash: false },
  );
  check({ do_resize: false, size: 224, do_center_crop: true, crop_size: 32 }, { imageSize: 32 });
  check(
    { size: { shortest_edge: 96 }, do_center_crop: false, crop_size: 64 },
    { imageSize: 96, shorterSide: 96, squash: false },
  );
});

test("transformers' rescaling and normalisation come to the same figures, on bytes and on shares", () => {
  const check = (config: object, expected: (level: number, channel: number) => number) => {
    const { normalise: found } = read({ image_processor_type: 'X', ...config });
    for (const level of [0, 100, 255]) {
      brought(found!, level).forEach((value, k) => {
        const wanted = expected(level, k);
        assert.ok(
          Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)),
          `${value} is not ${wanted}`,
        );
      });
    }
  };
  check(figures, (level, k) => (level / 255 - mean[k]!) / std[k]!);
  check(
    { ...figures, do_rescale: true, rescale_factor: 1 / 127.5 },
    (level, k) => (level / 127.5 - mean[k]!) / std[k]!,
  );
  check(
    { ...figures, do_rescale: false, image_mean: [127, 120, 110], image_std: [50, 51, 52] },
    (level, k) => (level - [127, 120, 110][k]!) / [50, 51, 52][k]!,
  );
  check({ ...figures, do_normalize: false }, (level) => level / 255);
  check({ do_normalize: false, do_rescale: false }, (level) => level);
  // The usual factor, as JSON writes it, leaves the figures as they are.
  assert.equal(read({ ...figures, rescale_factor: 0.00392156862745098 }).normalise, normalise);
});

test.run();
