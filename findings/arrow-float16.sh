#!/usr/bin/env bash
# apache-arrow 21.2.0 writes wrong halves for numbers beyond a half's range and below its smallest step.
#
# Expected: a Float16 vector holds IEEE 754 binary16, so a number from 65520 on is an infinity and one under 2⁻²⁵ a zero
# of its sign (IEEE 754, 4.3.1 and 7.4); the source says that it follows NumPy, which does so.
# Seen: 65536 becomes 2 and 100000 becomes 3.05; 1e-8 becomes −Infinity, 1e-9 becomes 4.2e-5. Numbers between are right.
# The wrong halves go into whatever is written from the vector, Arrow files and Parquet among them.
# kindred: reads and writes its own halves (src/numerics/half.ts), without this package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error apache-arrow@21.2.0 > /dev/null
cat > shown.mjs <<'JS'
import { Float16, vectorFromArray } from 'apache-arrow';

const asHalf = (value) => vectorFromArray([value], new Float16()).get(0);
const cases = [
  { value: 65504, right: 65504, seen: 65504 },
  { value: 65520, right: Infinity, seen: Infinity },
  { value: 65536, right: Infinity, seen: 2 },
  { value: -70000, right: -Infinity, seen: -2.134765625 },
  { value: 100000, right: Infinity, seen: 3.05078125 },
  { value: 2 ** -24, right: 2 ** -24, seen: 2 ** -24 },
  { value: 1e-8, right: 0, seen: -Infinity },
  { value: 1e-9, right: 0, seen: 0.000041961669921875 },
];
let asSaid = true;
for (const { value, right, seen } of cases) {
  const half = asHalf(value);
  console.log(`${value}: ${half}, expected ${right}`);
  asSaid &&= Object.is(half, seen);
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
