#!/usr/bin/env bash
# ml-logistic-regression 2.0.0 fits without an intercept, and answers with labels that were never given.
#
# Expected: the model is σ(w·x + b), as in its textbook form and in scikit-learn, so that 5, 6 | 9, 10 are told apart
# whatever their offset; of the labels 1 and 2 it predicts one of the two.
# Seen: b is missing, so a boundary must go through the origin: 5, 6, 9 and 10 are all of class 1, after 20,000 steps
# and after 200,000. Labels count as 0 and up: of 1 and 2 only, all that was 2 is predicted as 0. Neither is in its
# README.
# kindred: src/numerics/softmax_regression.ts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-logistic-regression@2.0.0 ml-matrix@6.15.1 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const loaded = require('ml-logistic-regression');
const { Matrix } = require('ml-matrix');
const LogisticRegression = loaded.default ?? loaded;

function predictions(values, labels, numSteps) {
  const model = new LogisticRegression({ numSteps, learningRate: 5e-3 });
  const features = Matrix.columnVector(values);
  model.train(features, Matrix.columnVector(labels));
  return [...model.predict(features)].join();
}
const values = [5, 6, 9, 10];
const apart = [20000, 200000].map((steps) => predictions(values, [0, 0, 1, 1], steps));
const centred = predictions(values.map((x) => x - 7.5), [0, 0, 1, 1], 20000);
const named = predictions(values.map((x) => x - 7.5), [1, 1, 2, 2], 20000);
console.log(`5, 6, 9, 10 of classes 0, 0, 1, 1: ${apart.join(' and ')}; less 7.5: ${centred}`);
console.log(`less 7.5, of classes 1, 1, 2, 2: ${named}`);
const asSaid = apart.join(' ') === '1,1,1,1 1,1,1,1' && centred === '0,0,1,1' && named === '1,1,0,0';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
