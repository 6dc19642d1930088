#!/usr/bin/env bash
# ml-hclust 4.0.0's `group` loses points where some are alike.
#
# Expected: `group(n)` cuts the tree into n clusters that hold every point, or fewer clusters where there are no more
# leaves.
# Seen: it splits the highest cluster again and again. Duplicates merge at height 0, the height of a leaf; where a leaf
# is taken out first it cannot be split, and the loop ends without putting it back. Of three equal points and a fourth,
# `group(3)` and `group(4)` return one cluster of three: the fourth point is in none.
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-hclust@4.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { agnes } from 'ml-hclust';

const tree = agnes([[0], [0], [0], [5]], { method: 'average' });
const clusters = [2, 3, 4].map((n) => JSON.stringify(tree.group(n).children.map((cluster) => cluster.indices())));
[2, 3, 4].forEach((n, i) => console.log(`0, 0, 0 and 5 in ${n} groups: ${clusters[i]}`));
const lost = clusters.map((groups) => 4 - JSON.parse(groups).flat().length);
console.log(`points lost: ${lost}`);
const asSaid = lost.join() === '0,1,1';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
