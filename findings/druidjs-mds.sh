#!/usr/bin/env bash
# @saehrimnir/druidjs 0.9.0's MDS and ISOMAP stretch every axis to the same length.
#
# Expected: classical scaling (Torgerson 1952; its documentation: "Classical MDS") multiplies each eigenvector by the
# root of its eigenvalue, so points of a plane get back their very distances in two dimensions.
# Seen: the eigenvectors are returned as they are, of length 1 each. A rectangle of 10 × 1 becomes one of 1 × 0.91:
# neither the distances nor their ratios are kept, and noise in the second axis looks as large as the first. Its own PCA
# gives 10 and 1.
# kindred: maps are drawn by umap-js from principal components of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @saehrimnir/druidjs@0.9.0 > /dev/null
cat > shown.mjs <<'JS'
import { ISOMAP, MDS, PCA } from '@saehrimnir/druidjs';

const rectangle = [[0, 0], [10, 0], [0, 1], [10, 1], [5, 0]];
const sides = (points) => [1, 2].map((i) => Math.hypot(points[i][0] - points[0][0], points[i][1] - points[0][1]));
const found = {
  MDS: sides(new MDS(rectangle, { d: 2 }).transform()),
  ISOMAP: sides(new ISOMAP(rectangle, { d: 2, neighbors: 4 }).transform()),
  PCA: sides(new PCA(rectangle, { d: 2 }).transform()),
};
for (const [name, [long, short]] of Object.entries(found)) {
  console.log(`${name}: ${long.toFixed(3)} × ${short.toFixed(3)}, expected 10 × 1`);
}
const near = ([long, short], a, b) => Math.abs(long - a) < 1e-3 && Math.abs(short - b) < 1e-3;
const asSaid = near(found.MDS, 1, 0.9129) && near(found.ISOMAP, 1, 0.9129) && near(found.PCA, 10, 1);
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
