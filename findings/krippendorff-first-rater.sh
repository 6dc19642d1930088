#!/usr/bin/env bash
# krippendorff 0.1.0 leaves out the samples that the first rater did not reach.
#
# Expected: its README lets a rater who stopped early have a shorter row ("note missing rating for third sample"); alpha
# does not depend on the order of raters (Krippendorff 2011, 'Computing Krippendorff's Alpha-Reliability').
# Seen: the number of samples is the length of the first row. With the short row first the third sample, which two
# raters labelled, is ignored: 0.375 instead of 0.417. An explicit `undefined` at the row's end gives 0.417 again.
# kindred: computes no agreement between raters.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error krippendorff@0.1.0 > /dev/null
cat > shown.mjs <<'JS'
import { alpha } from 'krippendorff';

const [long, longer, short] = [[1, 2, 1], [1, 1, 1], [1, 2]];
const last = alpha([long, longer, short]);
const first = alpha([short, long, longer]);
const filled = alpha([[...short, undefined], long, longer]);
console.log(`short row last: ${last}; short row first: ${first}; first, and filled up: ${filled}`);
const asSaid = Math.abs(last - 5 / 12) < 1e-9 && Math.abs(first - 0.375) < 1e-9 && Math.abs(filled - 5 / 12) < 1e-9;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
