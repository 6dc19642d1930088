#!/usr/bin/env bash
# scikitjs 1.24.0's LogisticRegression takes C for the strength of the penalty: the larger it is, the less is learned.
#
# Expected: C as in scikit-learn, whose port the library is: the inverse of the penalty's strength, so that 100 hardly
# penalises. On eight points of two squares (C = 1) scikit-learn is sure of the outermost corner by 97%, with C = 100 by more.
# Seen: 66% with C = 1 and 50% with C = 100; without a penalty 99% and more.
# kindred: the strength is λ in the equation at the top of src/numerics/softmax/regression.ts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error scikitjs@1.24.0 @tensorflow/tfjs@4.22.0 > /dev/null
cat > shown.cjs <<'JS'
console.warn = () => {};
const sk = require('scikitjs');
sk.setBackend(require('@tensorflow/tfjs'));

const square = [[0, 0], [1, 0], [0, 1], [1, 1]];
const points = [...square, ...square.map(([x, y]) => [x + 3, y + 3])];
const labels = [0, 0, 0, 0, 1, 1, 1, 1];
/** How sure the model is that the corner at the origin is of class 0. */
async function certainty(options) {
  const model = new sk.LogisticRegression(options);
  await model.fit(points, labels);
  return model.predictProba(points).arraySync()[0][0];
}
(async () => {
  const weak = await certainty({ C: 100 });
  const usual = await certainty({ C: 1 });
  const free = await certainty({ penalty: 'none' });
  const [a, b, c] = [weak, usual, free].map((value) => `${Math.round(100 * value)}%`);
  console.log(`C = 100: ${a}, C = 1: ${b}, no penalty: ${c}; scikit-learn's rise from C = 1 (97%) to C = 100`);
  const asSaid = weak < 0.53 && usual > 0.6 && usual < 0.75 && free > 0.95;
  console.log(asSaid ? 'as this file says' : 'this has changed');
  process.exitCode = asSaid ? 0 : 1;
})();
JS
node shown.cjs
