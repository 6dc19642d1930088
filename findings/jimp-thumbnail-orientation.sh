#!/usr/bin/env bash
# exif-parser 0.1.12 takes the thumbnail's orientation for the picture's, and jimp 1.6.1 turns the picture by it.
#
# Expected: Exif's IFD0 describes the picture, IFD1 the thumbnail (Exif 2.32, '0th IFD' and '1st IFD'); a picture whose
# IFD0 names no orientation is upright, whatever its thumbnail is. sharp 0.35.5 (libvips) leaves it as it is.
# Seen: a JPEG 4 pixels wide and 2 high, with an Orientation of 6 in IFD1 alone: exif-parser's `tags` say 6, and
# `Jimp.read` gives a picture 2 wide and 4 high. The same file has another shape in two decoders of one pipeline.
# kindred: Node decodes with sharp.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jimp@1.6.1 exif-parser@0.1.12 sharp@0.35.5 > /dev/null
cat > shown.mjs <<'JS'
import { createRequire } from 'node:module';
import { Jimp } from 'jimp';
import sharp from 'sharp';

const parser = createRequire(import.meta.url)('exif-parser');
const plain = await sharp({ create: { width: 4, height: 2, channels: 3, background: 'red' } }).jpeg().toBuffer();

/** A little-endian TIFF of an IFD0 that holds at most an Orientation and an IFD1 whose Orientation is 6. */
function exif(orientation) {
  const count = orientation ? 1 : 0;
  const tiff = Buffer.alloc(14 + 12 * count + 18);
  tiff.write('II*', 0, 'latin1');
  tiff.writeUInt32LE(8, 4);
  let at = tiff.writeUInt16LE(count, 8);
  const entry = (value) => {
    at = tiff.writeUInt16LE(0x0112, at);
    at = tiff.writeUInt16LE(3, at);
    at = tiff.writeUInt32LE(1, at);
    at = tiff.writeUInt32LE(value, at);
  };
  if (orientation) entry(orientation);
  at = tiff.writeUInt32LE(at + 4, at);
  at = tiff.writeUInt16LE(1, at);
  entry(6);
  return tiff;
}

/** The plain JPEG with that Exif as its first segment. */
function withExif(tiff) {
  const header = Buffer.from([0xff, 0xe1, 0, tiff.length + 8]);
  return Buffer.concat([plain.subarray(0, 2), header, Buffer.from('Exif\0\0', 'latin1'), tiff, plain.subarray(2)]);
}

async function shapes(orientation) {
  const file = withExif(exif(orientation));
  const jimp = await Jimp.read(file);
  const { info } = await sharp(file).autoOrient().toBuffer({ resolveWithObject: true });
  const tag = parser.create(file).parse().tags.Orientation;
  return { tag, jimp: `${jimp.width}×${jimp.height}`, sharp: `${info.width}×${info.height}` };
}

const thumbnail = await shapes(undefined);
const both = await shapes(1);
console.log(`6 in IFD1 alone: exif-parser ${thumbnail.tag}, jimp ${thumbnail.jimp}, sharp ${thumbnail.sharp}`);
console.log(`1 in IFD0 and 6 in IFD1: exif-parser ${both.tag}, jimp ${both.jimp}, sharp ${both.sharp}`);
const asSaid = thumbnail.tag === 6 && thumbnail.jimp === '2×4' && thumbnail.sharp === '4×2' && both.jimp === '4×2';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
