#!/usr/bin/env bash
# sharp 0.35.5 reads the negative numbers of a grey TIFF of 16 signed bits as 0, whatever depth is asked for.
#
# Expected: its metadata calls the depth 'short', and raw({ depth }) takes 'short', 'int' and 'float' among others, so that
# a file of −32768 … 32767 (heights, Hounsfield units) comes out as it is.
# Seen: as grey16 every negative number is 0, also with the depths short, int and float: libvips calls the image 16-bit grey,
# and sharp casts that to numbers without a sign before it writes raw. Adding 32768 before (`linear(1, 32768)`) keeps them.
# kindred: makes them positive first and takes 32768 off afterwards (src/platform/images/sharp_samples.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error sharp@0.35.5 > /dev/null
cat > shown.mjs <<'JS'
import sharp from 'sharp';

/** A TIFF file of one row: width, height, bits, no compression, grey, one strip at byte 8, signed. */
const values = Int16Array.of(-32768, -1000, -1, 0, 1, 1000, 20000, 32767);
const tags = [[256, 8], [257, 1], [258, 16], [259, 1], [262, 1], [273, 8], [277, 1], [278, 1], [279, 16], [339, 2]];
const file = Buffer.alloc(24 + 2 + 12 * tags.length + 4);
file.write('II*\0', 'latin1');
file.writeUInt32LE(24, 4);
Buffer.from(values.buffer).copy(file, 8);
file.writeUInt16LE(tags.length, 24);
tags.forEach(([tag, value], i) => {
  file.writeUInt16LE(tag, 26 + 12 * i);
  file.writeUInt16LE(3, 28 + 12 * i);
  file.writeUInt32LE(1, 30 + 12 * i);
  file.writeUInt16LE(value, 34 + 12 * i);
});

const read = async (image, depth, Numbers) => {
  const data = await image.toColourspace('grey16').raw({ depth }).toBuffer();
  return [...new Numbers(Uint8Array.from(data).buffer)];
};
const { depth } = await sharp(file).metadata();
console.log(`metadata: ${depth}; in the file: ${[...values]}`);
const lost = [...values].map((value) => Math.max(0, value));
let asSaid = depth === 'short';
for (const [name, Numbers] of [['short', Int16Array], ['int', Int32Array], ['float', Float32Array]]) {
  const found = await read(sharp(file), name, Numbers);
  console.log(`raw as ${name}: ${found}`);
  asSaid &&= `${found}` === `${lost}`;
}
const kept = (await read(sharp(file).linear(1, 32768), 'ushort', Uint16Array)).map((value) => value - 32768);
console.log(`made positive first, less 32768: ${kept}`);
asSaid &&= `${kept}` === `${[...values]}`;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
