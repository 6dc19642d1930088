import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { partsOf, read, timm } from './configurations.ts';

const { mean, std } = timm.pretrained_cfg;

test("timm's configuration, nested or flat, states side, filter, crop, figures and licence", () => {
  const stated = read(timm);
  const expected = {
    imageSize: 224,
    filter: 'bicubic',
    shorterSide: 235,
    squash: false,
    normalise: { mean, std },
  };
  assert.equal(partsOf(stated), expected);
  assert.equal(
    [stated.dialect, stated.architecture, stated.licence, stated.unsaid],
    ['timm', 'resnet18', 'apache-2.0', []],
  );
  assert.equal(partsOf(read({ architecture: 'resnet18', ...timm.pretrained_cfg })), expected);
  const squashed = { ...timm.pretrained_cfg, crop_mode: 'squash', crop_pct: 1, interpolation: 'bilinear' };
  assert.equal(partsOf(read({ pretrained_cfg: squashed })), {
    ...expected,
    filter: 'bilinear',
    shorterSide: 224,
    squash: true,
  });
});

test.run();
