#!/usr/bin/env bash
# mann-whitney-utest 1.0.5 and its fork @tainakanchu/mann-whitney-utest 1.1.0 compare U with z to tell significance.
#
# Expected: its README says that `significant` tests U against a critical value. For two samples of 20, U = 10 is far
# below the table's 127 (two-sided, 5%) and z is 5.1 (p < 1e-6): significant. Two samples of one number each never are.
# Seen: `criticalValue` returns |z|, and `significant` is whether U is less than it: false in the first case (10 < 5.1
# is false), true in the second (0 < 1). The U values themselves are right.
# kindred: does not use this package; its bounds are binomial (src/numerics/binomial_bound.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error mann-whitney-utest@1.0.5 @tainakanchu/mann-whitney-utest@1.1.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const low = Array.from({ length: 20 }, (_, i) => 10 * i);
const cases = { 'twenty against twenty, 155 higher': [low, low.map((x) => x + 155)], 'one against one': [[1], [2]] };
let asSaid = true;
for (const name of ['mann-whitney-utest', '@tainakanchu/mann-whitney-utest']) {
  const { test, criticalValue, significant } = require(name);
  const found = Object.entries(cases).map(([what, samples]) => {
    const u = test(samples);
    const verdict = significant(u, samples);
    console.log(`${name}, ${what}: U ${Math.min(...u)}, z ${criticalValue(u, samples)}, significant: ${verdict}`);
    return verdict;
  });
  asSaid &&= found.join() === 'false,true';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
