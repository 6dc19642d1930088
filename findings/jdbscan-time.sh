#!/usr/bin/env bash
# jdbscan 1.0.0 ignores the radius in time.
#
# Expected: its README offers spatio-temporal clustering, with `timeEps` beside `eps`: points are neighbours when they
# are near in space and in time (Birant and Kut 2007).
# Seen: a point that fails in time is accepted by the next branch, which looks at space alone. Points in one place, 1000
# seconds apart, are one cluster with `timeEps(5)`, as without it.
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jdbscan@1.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const loaded = createRequire(import.meta.url)('jdbscan');
const jDBSCAN = loaded.default ?? loaded;
const data = [0, 2, 4, 1000, 1002, 1004].map((timestamp, i) => ({ x: i / 10, y: 0, timestamp }));
const labels = (clustering) => clustering.eps(1).minPts(1).distance('EUCLIDEAN').data(data)().join();
const inTime = labels(jDBSCAN().timeEps(5));
const inSpace = labels(jDBSCAN());
console.log(`clusters with timeEps(5): ${inTime}; without: ${inSpace}; expected with it: 1,1,1,2,2,2`);
const asSaid = inTime === '1,1,1,1,1,1' && inSpace === inTime;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
