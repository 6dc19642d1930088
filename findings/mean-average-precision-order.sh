#!/usr/bin/env bash
# mean-average-precision 1.8.2 gives another score when the ground truth is listed in another order.
#
# Expected: a detection belongs to the ground truth that it overlaps most (Pascal VOC's development kit, and the page
# that its README sends readers to for the definition), so an order of lists changes nothing.
# Seen: a detection takes the first ground truth in the list that it overlaps enough, even where another is exactly its
# box; the box that it took then has none. Two boxes 3 pixels apart, both found: 1 in one order, 0.545 in the other.
# kindred: scores classes, no boxes, and does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error mean-average-precision@1.8.2 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const meanAveragePrecision = createRequire(import.meta.url)('mean-average-precision');
const box = (left, confidence) => ({
  filename: 'a.png', label: 'leaf', left, right: left + 10, top: 0, bottom: 10, ...(confidence && { confidence }),
});
const truth = [box(0), box(3)];
const predictions = [box(3, 0.9), box(-2, 0.8)];
const score = (groundTruths) => meanAveragePrecision({ groundTruths, predictions });
const [listed, reversed] = [score(truth), score([...truth].reverse())];
console.log(`boxes at 0 and 3, found at 3 and -2: ${listed.toFixed(3)}; the same boxes listed backwards: ${reversed}`);
const asSaid = Math.abs(listed - 6 / 11) < 1e-9 && Math.abs(reversed - 1) < 1e-9;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
