#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0's heNormal, glorotNormal and leCunNormal draw weights with 78% of the variance they name.
#
# Expected: the documentation: a truncated normal distribution with stddev = sqrt(2 / fanIn), and so on. Cutting at two
# deviations leaves 0.8796 of the deviation; Keras divides by that, so that what is drawn has the deviation named.
# Seen: it does not divide: the variance of 500 × 500 weights is 0.774 times 2 / fanIn (the uniform ones are right),
# 0.08 times after ten layers, where the method promises that it stays.
# kindred: src/nn/initialise.ts draws from a normal distribution that is not cut.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @tensorflow/tfjs@4.22.0 > /dev/null
cat > shown.mjs <<'JS'
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('cpu');
const size = 500;
const ratio = (name, variance) => {
  const weights = tf.initializers[name]({ seed: 1 }).apply([size, size]);
  return tf.moments(weights).variance.dataSync()[0] / variance;
};
const cut = 0.87962566103423978 ** 2;
let asSaid = true;
for (const [name, variance, share] of [
  ['heNormal', 2 / size, cut],
  ['glorotNormal', 1 / size, cut],
  ['leCunNormal', 1 / size, cut],
  ['heUniform', 2 / size, 1],
]) {
  const seen = ratio(name, variance);
  console.log(`${name}: variance ${seen.toFixed(3)} times the one named`);
  asSaid &&= Math.abs(seen - share) < 0.01;
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
