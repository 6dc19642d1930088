#!/usr/bin/env bash
# ml-naivebayes 4.0.0's GaussianNB predicts the class −1 where a feature is constant within a class.
#
# Expected: one of the classes that it was trained with; a feature without variance gets a little of it (scikit-learn's
# `var_smoothing`) or counts for nothing.
# Seen: a variance of 0 makes every score NaN, no class is better than another, and the answer is -1, the value that the
# search starts from. The same points without the constant feature are told apart. Features behind a ReLU are often 0 in
# a whole class.
# kindred: does not use this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-naivebayes@4.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const { GaussianNB } = createRequire(import.meta.url)('ml-naivebayes');
function predictions(rows) {
  const model = new GaussianNB();
  model.train(rows, [0, 0, 1, 1]);
  return model.predict(rows).join();
}
const values = [0, 1, 10, 11];
const varied = predictions(values.map((x, i) => [x, i % 2]));
const constant = predictions(values.map((x) => [x, 3]));
console.log(`with a second feature that varies: ${varied}; that is 3 everywhere: ${constant}; expected 0,0,1,1`);
const asSaid = varied === '0,0,1,1' && constant === '-1,-1,-1,-1';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
