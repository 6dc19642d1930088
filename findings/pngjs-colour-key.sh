#!/usr/bin/env bash
# pngjs 7.0.0 blackens the transparent pixels of PNGs with a colour key; sharp 0.35.5 keeps their colour.
#
# Expected: a tRNS chunk of an RGB or grey image names the colour whose pixels are transparent (PNG, 11.3.1.1); it gives
# them an alpha of 0 and leaves their samples.
# Seen: such pixels are read as 0, 0, 0, 0. Where alpha is dropped afterwards, as training data are, a white background
# that was keyed out is black by pngjs and white by sharp; pixels of images with an alpha channel keep their colour in
# both.
# kindred: reads with sharp; pngjs only writes, and reads in tests.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error pngjs@7.0.0 sharp@0.35.5 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';

const { PNG } = createRequire(import.meta.url)('pngjs');

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
/** Two pixels, a colour and white, of RGB with a key or of RGBA. */
function image(alpha) {
  const header = chunk('IHDR', [0, 0, 0, 2, 0, 0, 0, 1, 8, alpha ? 6 : 2, 0, 0, 0]);
  const key = alpha ? [] : [chunk('tRNS', [0, 255, 0, 255, 0, 255])];
  const line = alpha ? [0, 1, 2, 3, 255, 255, 255, 255, 0] : [0, 1, 2, 3, 255, 255, 255];
  const data = chunk('IDAT', deflateSync(Buffer.from(line)));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), header, ...key, data, chunk('IEND', [])]);
}
const found = {};
for (const [name, alpha] of [['colour key', false], ['alpha channel', true]]) {
  const read = [...PNG.sync.read(image(alpha)).data].join();
  const right = [...(await sharp(image(alpha)).ensureAlpha().raw().toBuffer())].join();
  console.log(`${name}: pngjs ${read}; sharp ${right}`);
  found[name] = [read, right];
}
const kept = '1,2,3,255,255,255,255,0';
const [keyed, channel] = Object.values(found).map((both) => both.join(' '));
const asSaid = keyed === `1,2,3,255,0,0,0,0 ${kept}` && channel === `${kept} ${kept}`;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
