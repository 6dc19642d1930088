#!/usr/bin/env bash
# jax-js 0.1.25's oneHot of a label outside the classes is a row of ones, or another class.
#
# Expected: a row of zeros (jax.nn.one_hot: "Indices outside the range [0, num_classes) will be encoded as zeros"); its
# own documentation says a vector of zeros with a 1 at the index. -1 is a usual mark for 'no label'.
# Seen: of 3 classes, 3 gives zeros, but 5 gives class 1 and −1 gives 1, 1, 1, so that a loss over unlabelled images
# adds up all classes.
# kindred: labels are class numbers in a buffer; there are no one-hot rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @jax-js/jax@0.1.25 > /dev/null
cat > shown.mjs <<'JS'
import { defaultDevice, init, nn, numpy as np } from '@jax-js/jax';

await init('cpu', 'wasm');
let asSaid = true;
for (const device of ['cpu', 'wasm']) {
  defaultDevice(device);
  const rows = nn.oneHot(np.array([2, 3, 5, -1], { dtype: 'int32' }), 3).js();
  console.log(`${device}: 2, 3, 5 and -1 of 3 classes: ${JSON.stringify(rows)}; expected zeros but for the first`);
  asSaid &&= JSON.stringify(rows) === '[[0,0,1],[0,0,0],[0,1,0],[1,1,1]]';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
