#!/usr/bin/env bash
# jpickle 0.4.1 reads every integer of more than 31 bits as 0 where a pickle has protocol 2.
#
# Expected: its README says that it reads pickles of protocols 0 to 2, in which Python keeps such integers as LONG1
# (pickletools: "long integer using one-byte length"); JavaScript's numbers hold these exactly.
# Seen: 2147483648, 4294967295, 1099511627776 and −2147483649 all come back as 0; 2147483647 comes back right, and the
# same integers in protocol 0 do too.
# kindred: reads pickles of weights by an interpreter of its own, whose integers are exact or refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jpickle@0.4.1 > /dev/null
cat > shown.cjs <<'JS'
const { loads } = require('jpickle');

// What Python's pickle.dumps(number, protocol=2) gives, and what jpickle makes of it.
const cases = [
  [2147483647, '80024affffff7f2e', 2147483647],
  [2147483648, '80028a0500000080002e', 0],
  [4294967295, '80028a05ffffffff002e', 0],
  [1099511627776, '80028a060000000000012e', 0],
  [-2147483649, '80028a05ffffff7fff2e', 0],
];
let asSaid = true;
for (const [number, hex, seen] of cases) {
  const read = loads(Buffer.from(hex, 'hex').toString('binary'));
  console.log(`${number} → ${read}`);
  asSaid &&= read === seen;
}
const text = loads('L1099511627776L\n.');
console.log(`1099511627776 in protocol 0 → ${text}`);
asSaid &&= text === 1099511627776;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
