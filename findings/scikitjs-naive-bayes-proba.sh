#!/usr/bin/env bash
# scikitjs 1.24.0's GaussianNB.predictProba returns densities, which do not add up to 1.
#
# Expected: a row of predictProba, as in scikit-learn whose port the library is, holds the classes' probabilities: for a value
# of 1 between classes around 1 and 10.5 nearly 1 and 0, and for any value a sum of 1.
# Seen: rows are the classes' likelihoods without prior and without normalising: the sum at 1 is not 1, that at 5 is 3e-6.
# A threshold on 'confidence' then finds nothing confident but what lies at a class's middle.
# kindred: confidences are a softmax of calibrated logits.
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

(async () => {
  const model = new sk.GaussianNB();
  await model.fit([[0], [1], [2], [10], [11]], [0, 0, 0, 1, 1]);
  const rows = model.predictProba([[1], [5]]).arraySync();
  const sums = rows.map(([a, b]) => a + b);
  console.log(`probabilities at 1 and 5 add up to ${sums.map((sum) => sum.toPrecision(2)).join(' and ')}`);
  const asSaid = Math.abs(sums[0] - 1) > 0.1 && sums[1] < 1e-5;
  console.log(asSaid ? 'as this file says' : 'this has changed');
  process.exitCode = asSaid ? 0 : 1;
})();
JS
node shown.cjs
