#!/usr/bin/env bash
# float16 0.0.1 writes large numbers as NaN, as zero or as small numbers of the wrong sign.
#
# Expected: numbers from 65520 on round to an infinity (IEEE 754, 4.3.1 and 7.4).
# Seen: 70000 and 100000 give NaN, 131072 gives the bits of −0, 200000 those of −3.2e-5; from 2³² on more than 16 bits
# come back. A tie goes up instead of to the even neighbour (1 + 2⁻¹¹).
# kindred: src/numerics/half.ts rounds itself, to an infinity and ties to even.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error float16@0.0.1 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';

const { byteToFloat16, float16ToByte } = createRequire(import.meta.url)('float16');
const cases = [
  { value: 65520, right: Infinity, seen: Infinity },
  { value: 70000, right: Infinity, seen: NaN },
  { value: 100000, right: Infinity, seen: NaN },
  { value: 131072, right: Infinity, seen: -0 },
  { value: 200000, right: Infinity, seen: -0.00003212690353393555 },
  { value: 1 + 2 ** -11, right: 1, seen: 1 + 2 ** -10 },
];
let asSaid = true;
for (const { value, right, seen } of cases) {
  const bits = float16ToByte(value);
  const half = byteToFloat16(bits);
  console.log(`${value}: 0x${bits.toString(16)}, read back as ${Object.is(half, -0) ? '-0' : half}; expected ${right}`);
  asSaid &&= Object.is(half, seen);
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
