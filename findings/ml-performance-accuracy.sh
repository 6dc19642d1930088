#!/usr/bin/env bash
# ml-performance 0.2.0 gives accuracies above 1 where scores tie.
#
# Expected: accuracy is (true positives + true negatives) / samples and the error rate 1 minus it, both in 0…1 (its
# documentation calls the two 'Accuracy' and 'Error rate').
# Seen: both are divided by the number of distinct scores, the error rate in one of its two terms only. Four samples
# with two distinct scores, perfectly told apart: accuracy 2 at the best threshold, error rate 2 where nothing is called
# positive.
# kindred: counts its own accuracies.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-performance@0.2.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const Performance = createRequire(import.meta.url)('ml-performance');
const performance = new Performance([[0.9, 0.9, 0.1, 0.1]], [[1, 1, 0, 0]], { all: true, max: true });
const accuracy = performance.getMeasure('acc').join();
const error = performance.getMeasure('err').join();
console.log(`positives when none, two and all are called: ${performance.nPosPred}`);
console.log(`accuracy ${accuracy}, expected 0.5,1,0.5; error rate ${error}, expected 0.5,0,0.5`);
const asSaid = accuracy === '1,2,1' && error === '2,0,1';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
