#!/usr/bin/env bash
# density-clustering 1.3.0's OPTICS takes every core distance for 0.
#
# Expected: a point's core distance is that of its MinPts-th neighbour, and what it reaches has at least that
# reachability: max(core distance, distance) (Ankerst and others 1999, definitions 5 and 6).
# Seen: candidates for the core distance are 0, 1, 2, …; the first, 0, is falsy, so the radius itself is used in its
# place and fits every core point. The plot shows plain distances: 3, 1 and 0.5 for points at 0, 3, 4 and 4.5 with
# MinPts 4, where it should say 4.5 (the first point's core distance), 3 and 3 (the second's).
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error density-clustering@1.3.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const { OPTICS } = createRequire(import.meta.url)('density-clustering');
const optics = new OPTICS();
optics.run([[0], [3], [4], [4.5]], 6, 4);
const plot = JSON.stringify(optics.getReachabilityPlot());
console.log(`points and reachabilities: ${plot}; expected reachabilities: 4.5, 3, 3`);
const asSaid = plot === '[[0,null],[1,3],[2,1],[3,0.5]]';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
