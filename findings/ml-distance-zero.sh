#!/usr/bin/env bash
# ml-distance 5.0.0's divergences are NaN for histograms with an empty bin.
#
# Expected: 0 · log 0 counts as 0, so Jensen and Shannon's divergence is finite for any two distributions (Lin 1991), ln
# 2 for two that share nothing; Kullback and Leibler's of (0, 1) from (½, ½) is ln 2. Canberra's distance counts 0/0 as
# 0 (SciPy).
# Seen: NaN for all three as soon as a bin is empty in one (or, for Canberra, in both). NaN compares as neither less nor
# more, so sorting neighbours by it gives any order.
# kindred: compares feature vectors by cosine, without this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-distance@5.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { distance } from 'ml-distance';

const found = {
  jensenShannon: [distance.jensenShannon([0, 1], [1, 0]), Math.LN2],
  kullbackLeibler: [distance.kullbackLeibler([0, 1], [0.5, 0.5]), Math.LN2],
  canberra: [distance.canberra([0, 1], [0, 2]), 1 / 3],
};
let asSaid = true;
for (const [name, [seen, right]] of Object.entries(found)) {
  console.log(`${name}: ${seen}, expected ${right.toFixed(4)}`);
  asSaid &&= Number.isNaN(seen);
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
