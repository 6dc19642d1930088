#!/usr/bin/env bash
# ml-pca 4.1.1's eigenvalues depend on the method: NIPALS gives sums of squares where the others give variances.
#
# Expected: `getEigenvalues` are those of the covariance matrix and `getStandardDeviations` the components' deviations,
# whichever of the three methods found them.
# Seen: with `method: 'NIPALS'` they are rows − 1 times as large (the deviations its root), and `getExplainedVariance`
# is the share among the components that were asked for, so that it sums to 1 for any number of them.
# kindred: computes its own projections.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-pca@4.1.1 > /dev/null
cat > shown.mjs <<'JS'
import { PCA } from 'ml-pca';

const data = [[1, 100, 3], [2, 300, 1], [3, 250, 2], [4, 500, 9], [5, 100, 40]];
const of = (method, nCompNIPALS) => new PCA(data, { method, nCompNIPALS });
const [svd, covariance, nipals, one] = [of('SVD'), of('covarianceMatrix'), of('NIPALS', 2), of('NIPALS', 1)];
const first = (pca) => pca.getEigenvalues()[0];
console.log(`first eigenvalue: SVD ${first(svd)}, covariance matrix ${first(covariance)}, NIPALS ${first(nipals)}`);
console.log(`explained by one component of one: ${one.getExplainedVariance()}; SVD: ${svd.getExplainedVariance()[0]}`);
const ratio = first(nipals) / first(svd);
console.log(`NIPALS is ${ratio.toFixed(6)} times SVD with ${data.length} rows`);
const shares = [one, svd].map((pca) => pca.getExplainedVariance()[0]);
const asSaid = Math.abs(ratio - 4) < 1e-3 && shares[0] === 1 && shares[1] < 0.999;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
