#!/usr/bin/env bash
# jax-js 0.1.25's 0 to the power of 0 is NaN.
#
# Expected: 1 (IEEE 754, 9.2.1: pow(x, ±0) is 1 for any x; numpy.power and jax.numpy.power).
# Seen: `power` of arrays gives NaN for 0⁰, whereas 1⁰, 2⁰ and (−1)⁰ are 1: polynomials and discounts of the first step
# (0 to the power of a step number) turn into NaN.
# kindred: takes no powers of arrays.
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
  const powers = np.power(np.array([0, 1, 2, -1]), np.array([0, 0, 0, 0])).js();
  console.log(`${device}: 0, 1, 2 and -1 to the power of 0: ${powers.join(', ')}; expected 1, 1, 1, 1`);
  asSaid &&= powers.join() === 'NaN,1,1,1';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
