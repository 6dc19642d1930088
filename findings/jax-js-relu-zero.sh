#!/usr/bin/env bash
# jax-js 0.1.25's gradient of ReLU at 0 is 1, and that of abs too.
#
# Expected: 0 (jax.nn.relu's documentation gives 0 as its gradient at 0, PyTorch and TensorFlow have the same; JAX's abs
# multiplies by sign(x), which is 0 there).
# Seen: 1 for relu, relu6 and abs on the cpu and wasm backends. Exact zeros are common: units behind another ReLU, zero
# padding, biases that start at 0. Weights trained with it differ from those of the same program elsewhere.
# kindred: the gradient of ReLU at 0 is 0, as PyTorch's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @jax-js/jax@0.1.25 > /dev/null
cat > shown.mjs <<'JS'
import { defaultDevice, grad, init, nn, numpy as np } from '@jax-js/jax';

await init('cpu', 'wasm');
let asSaid = true;
for (const device of ['cpu', 'wasm']) {
  defaultDevice(device);
  const at = (f) => grad((x) => f(x).sum())(np.array([-1, 0, 1])).js().join(', ');
  const slopes = [at(nn.relu), at(nn.relu6), at(np.abs)];
  console.log(`${device}: gradients at -1, 0 and 1 of relu: ${slopes[0]}; relu6: ${slopes[1]}; abs: ${slopes[2]}`);
  asSaid &&= slopes.join(' | ') === '0, 1, 1 | 0, 1, 1 | -1, 1, 1';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
