#!/usr/bin/env bash
# numpy-parser 1.2.3 reads an array of text as unsigned 16-bit integers, and a row of numbers as a column.
#
# Expected: `<U2` in a header is text, two code points of four bytes for each element, and `(2,)` is the shape of a row
# of two (numpy.lib.format); the README lists floats and integers as what is read, and other types are refused.
# Seen: numpy.array(['ab', 'c']) comes back without an error as the eight numbers 97 0 98 0 99 0 0 0 under a shape of two,
# because `U2` is matched as `u2`; every one-dimensional array has the shape [n, 1].
# kindred: reads .npy headers by a strict reader of its own.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error numpy-parser@1.2.3 > /dev/null
cat > shown.cjs <<'JS'
const { fromArrayBuffer } = require('numpy-parser');

/** A file as numpy.save writes it. */
function npy(descr, bytes) {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (2,), }`.padEnd(117) + '\n';
  const start = [0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0];
  return Uint8Array.from([...start, ...Buffer.from(header), ...bytes]).buffer;
}

const shown = ({ data, shape }) => `${data.constructor.name} ${[...data].join(' ')}, shape [${shape}]`;
const points = Uint32Array.of(97, 98, 99, 0);
const text = shown(fromArrayBuffer(npy('<U2', new Uint8Array(points.buffer))));
const row = shown(fromArrayBuffer(npy('|i1', [1, 2])));
console.log(`['ab', 'c'] → ${text}`);
console.log(`[1, 2] → ${row}`);
const asSaid = text === 'Uint16Array 97 0 98 0 99 0 0 0, shape [2,1]' && row === 'Int8Array 1 2, shape [2,1]';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
