#!/usr/bin/env bash
# jpickle 0.4.1 and pickleparser 0.2.1 leave the escapes of text in protocol 0 as they are written.
#
# Expected: protocol 0 keeps text as "raw-unicode-escape" (pickletools, opcode UNICODE): what Latin-1 lacks stands as
# \uXXXX or \UXXXXXXXX, and a reader gives the characters. Both say that they read protocol 0.
# Seen: '€' comes back as the six characters \u20ac from both; in protocol 1, which keeps UTF-8, both read it right.
# kindred: reads pickles of weights by an interpreter of its own; torch.save writes protocol 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jpickle@0.4.1 pickleparser@0.2.1 > /dev/null
cat > shown.cjs <<'JS'
const { loads } = require('jpickle');
const { Parser } = require('pickleparser');

// What Python's pickle.dumps('€', protocol) gives for protocols 0 and 1.
const files = ['V\\u20ac\np0\n.', Buffer.from('5803000000e282ac71002e', 'hex').toString('binary')];
const readers = {
  jpickle: loads,
  pickleparser: (text) => new Parser().parse(Uint8Array.from(Buffer.from(text, 'binary'))),
};
let asSaid = true;
for (const [name, read] of Object.entries(readers)) {
  const [escaped, plain] = files.map(read);
  console.log(`${name}: protocol 0 → ${escaped}, protocol 1 → ${plain}`);
  asSaid &&= escaped === '\\u20ac' && plain === '€';
}
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
