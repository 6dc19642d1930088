#!/usr/bin/env bash
# @cdxoo/dbscan 1.1.1 and density-clustering 1.3.0 return a border point as a member and as noise.
#
# Expected: noise is what belongs to no cluster (Ester and others 1996, definition 6), so clusters and noise share
# nothing.
# Seen: a border point that is visited before its core point is put among the noise and stays there when the cluster
# takes it in. Members and noise together are more than there are points, and which points are doubled depends on their
# order.
# kindred: does not use these packages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @cdxoo/dbscan@1.1.1 density-clustering@1.3.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const dbscan = require('@cdxoo/dbscan');
const { DBSCAN } = require('density-clustering');

const points = [0, 1, 1.5, 2, 9];
const first = dbscan({ dataset: points, epsilon: 1.2, minimumPoints: 4 });
const second = new DBSCAN();
const clusters = second.run(points.map((x) => [x]), 1.2, 4);
const found = { '@cdxoo/dbscan': first, 'density-clustering': { clusters, noise: second.noise } };
let asSaid = true;
for (const [name, { clusters, noise }] of Object.entries(found)) {
  const both = clusters.flat().filter((index) => noise.includes(index));
  console.log(`${name}: clusters ${JSON.stringify(clusters)}, noise ${JSON.stringify(noise)}, in both: ${both}`);
  asSaid &&= `${both}` === '0';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
