#!/usr/bin/env bash
# tfjs-npy 0.0.3 reads 64-bit integers by their lower half: 4294967298 becomes 2, without a word.
#
# Expected: int64 is NumPy's own default for integers, and its reader takes `<i8`; numbers that int32 cannot hold are refused,
# as the types that it does not know are.
# Seen: 4294967298, 2147483648 and −2147483649 come back as 2, −2147483648 and 2147483647. Large ids and time stamps in
# nanoseconds then name other rows.
# kindred: its own reader of .npy, by BigInt64Array.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error tfjs-npy@0.0.3 @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 > /dev/null
cat > shown.cjs <<'JS'
console.warn = () => {};
require('@tensorflow/tfjs-backend-cpu');
const { parse } = require('tfjs-npy');

/** A file as numpy.save writes it. */
function npy(values) {
  const header = `{'descr': '<i8', 'fortran_order': False, 'shape': (${values.length},), }`.padEnd(117) + '\n';
  const start = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0];
  const numbers = new Uint8Array(BigInt64Array.from(values).buffer);
  return Uint8Array.from([...start, ...Buffer.from(header), ...numbers]).buffer;
}
const values = [4294967298n, 2147483648n, -2147483649n, 7n];
const read = [...parse(npy(values)).dataSync()];
console.log(`${values.join(', ')} → ${read.join(', ')}`);
const asSaid = read.join() === '2,-2147483648,2147483647,7';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
