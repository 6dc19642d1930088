#!/usr/bin/env bash
# npyjs 1.2.0 writes other numbers than it was given: nested rows become zeros, small fractions too.
#
# Expected: its README says that the type of a plain array is inferred; NumPy keeps such numbers as 64-bit floats and
# nested rows as a matrix (numpy.array, `dtype`). An option `dtype` says in which type the file is to be.
# Seen: fractions are always written as 32-bit floats, so 1e-50 becomes 0 and 16777217.5 becomes 16777218; `dump([[1,
# 2], [3, 4]])` writes two zero bytes of shape (2); `dump(Float32Array, [2], { dtype: 'f8' })` writes the four-byte
# numbers as they are under a header that says eight, and `parse` reads one number that was never there.
# kindred: writes no npy files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error npyjs@1.2.0 > /dev/null
cat > shown.mjs <<'JS'
import { dump, parse } from 'npyjs';

const cases = [
  { name: '[1e-50, 0.5]', file: dump([1e-50, 0.5]), seen: 'f4 (2): 0, 0.5' },
  { name: '[16777217.5]', file: dump([16777217.5]), seen: 'f4 (1): 16777218' },
  { name: '[[1, 2], [3, 4]]', file: dump([[1, 2], [3, 4]]), seen: 'u1 (2): 0, 0' },
  {
    name: 'Float32Array of 1, 2 as f8',
    file: dump(new Float32Array([1, 2]), [2], { dtype: 'f8' }),
    seen: 'f8 (2): 2.000000473111868',
  },
];
let asSaid = true;
for (const { name, file, seen } of cases) {
  const { data, dtype, shape } = parse(file);
  const read = `${dtype} (${shape.join(', ')}): ${[...data].join(', ')}`;
  console.log(`${name} → ${read}`);
  asSaid &&= read === seen;
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
