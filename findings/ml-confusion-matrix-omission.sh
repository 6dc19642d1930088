#!/usr/bin/env bash
# ml-confusion-matrix 2.0.0's false omission rate is the false negative rate.
#
# Expected: the share of wrong ones among those called negative, FN / (FN + TN), which is 1 minus the negative
# predictive value, which the same class gives as `getNegativePredictiveValue`.
# Seen: `getFalseOmissionRate` divides by FN + TP. Of 10 positives, 2 missed, and 80 negatives, all seen, it says 0.2
# where 2 of 82 called negative are wrong (0.024).
# kindred: counts its own tables.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-confusion-matrix@2.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { ConfusionMatrix } from 'ml-confusion-matrix';

const matrix = new ConfusionMatrix([[8, 2], [0, 80]], ['leaf', 'other']);
const omission = matrix.getFalseOmissionRate('leaf');
const complement = 1 - matrix.getNegativePredictiveValue('leaf');
console.log(`false omission rate ${omission}; 1 - negative predictive value ${complement}, expected both 2/82`);
console.log(`false negative rate ${matrix.getFalseNegativeRate('leaf')}`);
const asSaid = omission === 0.2 && Math.abs(complement - 2 / 82) < 1e-9;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
