#!/usr/bin/env bash
# scikitjs 1.24.0's rocAucScore is no area under the ROC curve: a perfect ranking scores 0.25, a reversed one 0.5.
#
# Expected: the library is 'a TypeScript port of scikit-learn', whose roc_auc_score is the share of (positive, negative)
# pairs that are ranked rightly, a tie counting half: 1 for a perfect ranking, 0 for a reversed one, 0.75 for the example of
# scikit-learn's own page.
# Seen: 0.25, 0.5 and 0.375. Labels and scores are taken, unsorted, for the corners of a polygon, whose area is returned.
# kindred: has no need of it; errors are counted with their bounds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error scikitjs@1.24.0 @tensorflow/tfjs@4.22.0 > /dev/null
cat > shown.cjs <<'JS'
console.warn = () => {};
const sk = require('scikitjs');
sk.setBackend(require('@tensorflow/tfjs'));

const { rocAucScore } = sk.metrics;
const perfect = rocAucScore([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4]);
const reversed = rocAucScore([1, 1, 0, 0], [0.1, 0.2, 0.3, 0.4]);
const example = rocAucScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
const shown = [perfect, reversed, example].map((value) => value.toFixed(3)).join(' ');
console.log(`perfect, reversed, scikit-learn's example: ${shown}; right are 1.000 0.000 0.750`);
const asSaid = shown === '0.250 0.500 0.375';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
