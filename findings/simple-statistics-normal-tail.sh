#!/usr/bin/env bash
# simple-statistics 7.12.1's normal distribution never goes beyond 0.001 and 0.999.
#
# Expected: the probability below z = −5 is 2.9e-7 (its documentation says that a table is looked up, not where it ends
# or what lies beyond).
# Seen: the table ends at 3.09, and everything farther out has its value: 0.001 for −4 (right: 3.2e-5), −5 and −40. A
# threshold for rare events or a correction for many tests can never be met. Its errorFunction gives the tail.
# kindred: bounds come from its own incomplete beta function (src/numerics/incomplete_beta.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error simple-statistics@7.12.1 > /dev/null
cat > shown.mjs <<'JS'
import { cumulativeStdNormalProbability, errorFunction } from 'simple-statistics';

const seen = [-3, -4, -5, -40, 5].map(cumulativeStdNormalProbability);
console.log(`below -3, -4, -5, -40 and 5: ${seen.map((p) => p.toPrecision(3)).join(', ')}`);
const right = 0.5 + 0.5 * errorFunction(-4 / Math.SQRT2);
console.log(`below -4 by its errorFunction: ${right.toPrecision(3)}`);
const asSaid = seen[1] === seen[3] && Math.abs(seen[1] - 0.001) < 1e-9 && seen[4] < 0.9991 && right < 5e-5;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
