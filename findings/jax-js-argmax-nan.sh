#!/usr/bin/env bash
# jax-js 0.1.25's argmax answers with an index outside the array where one number is NaN.
#
# Expected: the index of the first NaN, as `max` is NaN (numpy.argmax and jax.numpy.argmax), or at least one of the
# array's.
# Seen: on the cpu and wasm backends argmax and argmin of three numbers with a NaN are 3. A class list looked up with it
# gives undefined.
# kindred: arg-max is its own (src/numerics/linear_algebra.ts).
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
  const scores = () => np.array([1, Number.NaN, 3]);
  const [largest, smallest] = [np.argmax(scores()).js(), np.argmin(scores()).js()];
  console.log(`${device}: argmax of 1, NaN, 3 is ${largest}, argmin ${smallest}; expected 1 and 1`);
  asSaid &&= largest === 3 && smallest === 3;
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
