#!/usr/bin/env bash
# pickleparser 0.2.1 reads negative integers of more than 31 bits as large positive ones.
#
# Expected: LONG1 holds an integer in two's complement, little-endian (pickletools: "long integer using one-byte
# length"), and its README lists the opcode as supported; JavaScript's numbers hold these integers exactly.
# Seen: of protocol 2, −1099511627776 comes back as 280375465082880 and −2147483649 as 1097364144127, as if their bytes
# were unsigned; 1099511627776 comes back right, and −1099511627776 in protocol 0 too.
# kindred: reads pickles of weights by an interpreter of its own, whose integers are exact or refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error pickleparser@0.2.1 > /dev/null
cat > shown.cjs <<'JS'
const { Parser } = require('pickleparser');

// What Python's pickle.dumps(number, protocol=2) gives, and what pickleparser makes of it.
const cases = [
  [1099511627776, '80028a060000000000012e', 1099511627776],
  [-1099511627776, '80028a060000000000ff2e', 280375465082880],
  [-2147483649, '80028a05ffffff7fff2e', 1097364144127],
];
let asSaid = true;
for (const [number, hex, seen] of cases) {
  const read = new Parser().parse(Uint8Array.from(Buffer.from(hex, 'hex')));
  console.log(`${number} → ${read}`);
  asSaid &&= read === seen;
}
const text = new Parser().parse(new TextEncoder().encode('L-1099511627776L\n.'));
console.log(`-1099511627776 in protocol 0 → ${text}`);
asSaid &&= text === -1099511627776;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
