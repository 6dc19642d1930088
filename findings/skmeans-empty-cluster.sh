#!/usr/bin/env bash
# skmeans 0.11.3 moves a cluster without members to the origin.
#
# Expected: k-means leaves such a centre where it is or gives it a far point (its README says nothing); it goes nowhere
# where there are no data. Given centres are the caller's.
# Seen: an empty cluster's mean is 0/0 || 0, so its centre becomes the origin, from where it takes the members of others
# in the next round. The array of initial centres is overwritten too.
# kindred: in src/numerics/k_means.ts such a cluster starts again at the row furthest from its own centre.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error skmeans@0.11.3 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const skmeans = createRequire(import.meta.url)('skmeans');
const points = [[10, 10], [11, 10], [60, 60], [61, 60]];
const centres = [[10, 10], [60, 60], [100, 100]];
const { centroids } = skmeans(points, 3, centres);
console.log(`centres: ${JSON.stringify(centroids)}; the caller's array: ${JSON.stringify(centres)}`);
const pulled = skmeans([[1, 1], [10, 10], [60, 60]], 3, [[10, 10], [60, 60], [100, 100]]);
console.log(`1, 10 and 60 from centres 10, 60 and 100: clusters ${pulled.idxs}`);
const asSaid = JSON.stringify(centroids[2]) === '[0,0]' && JSON.stringify(centres[2]) === '[0,0]';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
