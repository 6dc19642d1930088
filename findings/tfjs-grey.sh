#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0's rgbToGrayscale makes every grey level of an integer image one darker.
#
# Expected: grey stays as it is: 255, 255, 255 is 255. TensorFlow's rgb_to_grayscale, whose weights it has, scales so
# that an integer image keeps its levels.
# Seen: the weights 0.2989, 0.587 and 0.114 sum to 0.9999, and the product is cut off, not rounded: 255 gives 254, 128
# gives 127, 1 gives 0.
# kindred: greys are its own (src/data/grey_thumbnail.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @tensorflow/tfjs@4.22.0 > /dev/null
cat > shown.mjs <<'JS'
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('cpu');
const levels = [0, 1, 2, 128, 254, 255];
const greys = [...tf.image.rgbToGrayscale(tf.tensor3d(levels.map((v) => [[v, v, v]]), undefined, 'int32')).dataSync()];
console.log(`grey levels ${levels} become ${greys}`);
const asSaid = greys.join() === '0,0,1,127,253,254';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
