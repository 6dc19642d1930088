#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0's rotateWithOffset loses a row or a column in turns of 90°.
#
# Expected: a turn around the centre, the default (its documentation: `center` 0.5 "rotates the image around its
# center"), takes a square onto itself, as tensorflow-addons' and torchvision's do: every pixel is kept.
# Seen: it turns around width / 2 rather than (width − 1) / 2, half a pixel off the pixels' middle. Of a 3 × 3 image 90°
# loses one column and gains one row of zeros, 180° loses both and keeps 4 pixels. With the centre (n − 1) / 2n nothing
# is lost.
# kindred: flips and crops, and does not turn.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @tensorflow/tfjs@4.22.0 > /dev/null
cat > shown.mjs <<'JS'
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('cpu');
const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
const turned = (radians, centre) => {
  const pixels = tf.image.rotateWithOffset(image, radians, 0, centre).dataSync();
  return [0, 3, 6].map((at) => pixels.slice(at, at + 3).join(' ')).join(' | ');
};
const [quarter, half] = [turned(Math.PI / 2, 0.5), turned(Math.PI, 0.5)];
const right = [turned(Math.PI / 2, 1 / 3), turned(Math.PI, 1 / 3)];
console.log(`90°: ${quarter}; expected ${right[0]}\n180°: ${half}; expected ${right[1]}`);
const asSaid =
  quarter === '0 0 0 | 3 6 9 | 2 5 8' &&
  half === '0 0 0 | 0 9 8 | 0 6 5' &&
  right.join(' and ') === '3 6 9 | 2 5 8 | 1 4 7 and 9 8 7 | 6 5 4 | 3 2 1';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
