#!/usr/bin/env bash
# jax-js 0.1.25's true division of integers by a number is integer division.
#
# Expected: floating-point division whatever the types are (its documentation of `trueDivide`, also exported as
# `divide`: "Calculates the floating-point division of x by y element-wise"; jax.numpy.true_divide).
# Seen: an int32 array divided by the number 2 stays int32: 1, 3 → 0, 1. Divided by an int32 array of 2 it is 0.5, 1.5.
# kindred: has no integer tensors.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @jax-js/jax@0.1.25 > /dev/null
cat > shown.mjs <<'JS'
import { defaultDevice, init, numpy as np } from '@jax-js/jax';

await init('cpu', 'wasm');
let asSaid = true;
for (const device of ['cpu', 'wasm']) {
  defaultDevice(device);
  const integers = (values) => np.array(values, { dtype: 'int32' });
  const byNumber = np.trueDivide(integers([1, 3]), 2).js();
  const byArray = np.trueDivide(integers([1, 3]), integers([2, 2])).js();
  console.log(`${device}: 1, 3 divided by the number 2: ${byNumber}; by an array of 2: ${byArray}; expected 0.5,1.5`);
  asSaid &&= `${byNumber}` === '0,1' && `${byArray}` === '0.5,1.5';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
