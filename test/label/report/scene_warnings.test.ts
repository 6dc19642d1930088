import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sceneWarnings } from '../../../src/label/report/warnings/scene_warnings.ts';

test('fixed cameras are told where a tenth of the images have their background in common', () => {
  assert.equal(sceneWarnings({ share: 0.09, scenes: 1, unlabelled: 0 }, false), []);
  const [warning] = sceneWarnings({ share: 0.5, scenes: 4, unlabelled: 0 }, false);
  assert.match(warning!, /^50\.0% of the images .* 4 places were seen\. Such/);
  assert.match(warning!, /give the camera of each image as its group/);
});

test('places without a label are counted, and groups are not asked for where they are given', () => {
  const [warning] = sceneWarnings({ share: 1, scenes: 1, unlabelled: 1 }, true);
  assert.match(warning!, /one place was seen\. No label is from it/);
  assert.not.match(warning!, /as its group/);
});

test.run();
