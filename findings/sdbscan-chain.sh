#!/usr/bin/env bash
# sdbscan 0.3.3 calls a whole cluster noise when its points come in order.
#
# Expected: the pseudocode in its source: all points within the radius count, the point itself included. Of 0, 1, … 7
# with a radius of 1 and at least 3 points all but the two ends are core points: one cluster of 8, in any order.
# Seen: points that were visited before are left out of the count, so each point sees itself and the next one: no
# cluster at all. The same numbers in another order give clusters.
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error sdbscan@0.3.3 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const sdbscan = createRequire(import.meta.url)('sdbscan');
const inOrder = (numbers) => JSON.stringify([...numbers].sort());
const describe = ({ clusters, noise }) =>
  `clusters [${clusters.map(({ data }) => inOrder(data))}], noise ${inOrder(noise)}`;
const sorted = describe(sdbscan([0, 1, 2, 3, 4, 5, 6, 7], 1, 3));
const mixed = describe(sdbscan([3, 4, 2, 5, 1, 6, 0, 7], 1, 3));
console.log(`0 to 7 in order: ${sorted}\nfrom the middle: ${mixed}`);
const asSaid = sorted === 'clusters [], noise [0,1,2,3,4,5,6,7]' && mixed !== sorted;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
