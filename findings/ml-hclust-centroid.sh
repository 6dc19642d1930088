#!/usr/bin/env bash
# ml-hclust 4.0.0's centroid and median methods merge at heights that are no distance between centres.
#
# Expected: with `centroid` a cluster is as far as its mean (Sokal and Michener 1958): (1, 3) is 3 from the mean of (0,
# 0) and (2, 0); SciPy's `linkage` gives 3 for `centroid` and for `median`.
# Seen: 2.662. The update formula is the one for squared distances (Lance and Williams 1967), but it gets and gives
# plain ones, the default. With `distanceFunction` squared and the root taken afterwards the height is 3.
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-hclust@4.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { agnes } from 'ml-hclust';

const points = [[0, 0], [2, 0], [1, 3]];
const squared = (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);
let asSaid = true;
for (const method of ['centroid', 'median']) {
  const plain = agnes(points, { method }).height;
  const root = Math.sqrt(agnes(points, { method, distanceFunction: squared }).height);
  console.log(`${method}: height ${plain}; from squared distances ${root}; expected 3`);
  asSaid &&= Math.abs(plain - (Math.sqrt(10) - 0.5)) < 1e-9 && Math.abs(root - 3) < 1e-9;
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
