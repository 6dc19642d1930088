#!/usr/bin/env bash
# kd-tree-javascript 1.0.3 (and kdt 0.1.0, made from it) does not remove a point that shares a coordinate with another.
#
# Expected: what was removed is no neighbour any more, whatever coordinates other points have.
# Seen: points with equal coordinates lie on both sides of their median when the tree is built, but `remove` looks for
# equal ones on the right only. It finds nothing, says nothing, and the point goes on being the nearest.
# kindred: searches neighbours on the GPU and does not use these packages.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error kd-tree-javascript@1.0.3 kdt@0.1.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { kdTree } = require('kd-tree-javascript');
const { createKdTree } = require('kdt');
const squared = (a, b) => (a.x - b.x) ** 2 + (a.y - b.y) ** 2;
const make = {
  'kd-tree-javascript': (points) => new kdTree(points, squared, ['x', 'y']),
  kdt: (points) => createKdTree(points, squared, ['x', 'y']),
};
let asSaid = true;
for (const [name, build] of Object.entries(make)) {
  const points = [{ x: 1, y: 1 }, { x: 1, y: 2 }, { x: 1, y: 3 }, { x: 2, y: 1 }];
  const tree = build([...points]);
  tree.remove(points[0]);
  const [[nearest]] = tree.nearest(points[0], 1);
  console.log(`${name}: (1, 1) removed, nearest to (1, 1): (${nearest.x}, ${nearest.y})`);
  asSaid &&= nearest === points[0];
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
