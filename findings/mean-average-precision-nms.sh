#!/usr/bin/env bash
# mean-average-precision 1.8.2's non-maximum suppression removes boxes that do not touch, and boxes of other images.
#
# Expected: its README calls `nonMaxSuppression({ predictions })`, nothing more, and every prediction names its file; so
# a usual threshold is taken, and only boxes that overlap in one image suppress each other.
# Seen: without `threshold` every comparison with `undefined` is false, and one box a label is left. With one, two equal
# boxes of different files still suppress each other, and what comes back are the numbers of the boxes to remove.
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error mean-average-precision@1.8.2 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const { nonMaxSuppression } = createRequire(import.meta.url)('mean-average-precision');
const box = (filename, left, confidence) => ({
  filename, label: 'leaf', left, right: left + 10, top: 0, bottom: 10, confidence,
});
const apart = nonMaxSuppression({ predictions: [box('a.png', 0, 0.9), box('a.png', 100, 0.8)] });
const files = nonMaxSuppression({ predictions: [box('a.png', 0, 0.9), box('b.png', 0, 0.8)], threshold: 0.5 });
console.log(`removed of two boxes 90 pixels apart, called as the README does: ${apart}`);
console.log(`removed of the same box in two files, threshold 0.5: ${files}`);
const asSaid = `${apart}` === '1' && `${files}` === '1';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
