#!/usr/bin/env bash
# ml-pca 4.1.1 does not scale when it does not centre, and says nothing.
#
# Expected: `center` and `scale` are options of their own (its documentation: "should the data be centered", "should the
# data be scaled"); with `scale` alone the columns are divided by their standard deviations.
# Seen: `scale: true, center: false` gives the very eigenvalues of unscaled data; `predict` does not scale either.
# kindred: computes its own projections.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-pca@4.1.1 > /dev/null
cat > shown.mjs <<'JS'
import { PCA } from 'ml-pca';

const data = [[1, 100], [2, 300], [3, 250], [4, 500]];
const deviations = data[0].map((_, column) => {
  const values = data.map((row) => row[column]);
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
});
const byHand = data.map((row) => row.map((x, i) => x / deviations[i]));
const eigenvalues = (rows, scale) => new PCA(rows, { center: false, scale }).getEigenvalues().map((x) => x.toFixed(3));
const [scaled, plain, right] = [eigenvalues(data, true), eigenvalues(data, false), eigenvalues(byHand, false)];
console.log(`scaled: ${scaled}; not scaled: ${plain}; columns divided beforehand: ${right}`);
const asSaid = `${scaled}` === `${plain}` && `${right}` !== `${plain}`;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
