#!/usr/bin/env bash
# upng-js 2.1.0 shifts the rows of grey PNGs with 1, 2 or 4 bits a pixel, and mixes up 1-bit pixels of interlaced ones.
#
# Expected: each scan line starts at a byte of its own (PNG, 7.2), so a 1-bit mask 3 pixels wide has 5 unused bits a
# row. Its README says that all depths and interlaced images are supported; pngjs 7.0.0 reads both files right.
# Seen: `toRGBA8` reads the bits of a grey image on and on, as if rows had no padding: right in the first row only,
# where the width is no multiple of 8 (1 bit), 4 (2 bits) or 2 (4 bits). Palettes of the same depths are right. `decode`
# puts 1-bit pixels of an interlaced image at `column & 3` instead of `column & 7`, so that a mask 8 wide has 4 columns.
# kindred: sharp reads images; the one that is drawn is written by pngjs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error upng-js@2.1.0 pngjs@7.0.0 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';
import { deflateSync } from 'node:zlib';

const require = createRequire(import.meta.url);
const UPNG = require('upng-js');
const { PNG } = require('pngjs');

function crc32(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
function chunk(type, data) {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(type, 4, 'latin1');
  Buffer.from(data).copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
/** A grey PNG of these scan lines, each with its filter byte. */
function grey(width, height, depth, interlaced, lines) {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, height, depth, 0, 0, 0, interlaced]);
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.from(lines))), chunk('IEND', [])];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}
const rows = (rgba, width) => {
  const levels = [...rgba].filter((_, i) => i % 4 === 0).map((level) => level.toString(16).padStart(2, '0'));
  return Array.from({ length: levels.length / width }, (_, y) => levels.slice(y * width, (y + 1) * width).join(' '));
};
const cases = {
  '1 bit, 3×3, a ring': [grey(3, 3, 1, 0, [0, 0b11100000, 0, 0b10100000, 0, 0b11100000]), 3],
  '4 bits, 3×2': [grey(3, 2, 4, 0, [0, 0x12, 0x30, 0, 0x45, 0x60]), 3],
  '1 bit, 8×1, interlaced, all white': [grey(8, 1, 1, 1, [0, 0x80, 0, 0x80, 0, 0xc0, 0, 0xf0]), 8],
  '1 bit, 8×1, all white': [grey(8, 1, 1, 0, [0, 0xff]), 8],
};
const same = {};
for (const [name, [file, width]] of Object.entries(cases)) {
  const right = rows(PNG.sync.read(file).data, width).join(' | ');
  const seen = rows(new Uint8Array(UPNG.toRGBA8(UPNG.decode(file))[0]), width).join(' | ');
  console.log(`${name}\n  pngjs:   ${right}\n  upng-js: ${seen}`);
  same[name] = right === seen;
}
const asSaid = Object.values(same).join() === 'false,false,false,true';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
