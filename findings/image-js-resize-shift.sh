#!/usr/bin/env bash
# image-js 1.7.0's resize shifts pictures by half an output pixel, and does not average where it shrinks.
#
# Expected: pixels have their centres at half numbers, as for Pillow, OpenCV and torchvision: a ramp 0, 32, … 224 drawn twice
# as wide by `bilinear` goes 0, 8, 24, 40 … 216, 224; the mirror image of a result is the result of the mirror image.
# Seen: 0, 0, 16, 32 … 208, 224: all is half an output pixel to the right, and mirroring before or after differs. Columns of
# which every fourth is white become 255, 128, 128 … a quarter as wide, where a quarter of white is 64.
# kindred: its own resize, to the bit as Pillow's.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error image-js@1.7.0 > /dev/null
cat > shown.mjs <<'JS'
import { Image } from 'image-js';

const columns = (width, value) => {
  const data = Uint8Array.from({ length: width * width }, (_, i) => value(i % width));
  return new Image(width, width, { colorModel: 'GREY', data });
};
/** A middle row of the picture, made so wide. */
const resized = (image, width) => {
  const { data } = image.resize({ width, height: width, interpolationType: 'bilinear' }).getRawImage();
  return [...data.slice(width * (width >> 1), width * ((width >> 1) + 1))];
};
const wide = resized(columns(8, (x) => 32 * x), 16);
const mirrored = resized(columns(8, (x) => 224 - 32 * x), 16).reverse();
const narrow = resized(columns(64, (x) => (x % 4 === 0 ? 255 : 0)), 16);
console.log(`ramp: ${wide.join(' ')}`);
console.log(`mirrored before and after: ${mirrored.join(' ')}`);
console.log(`every fourth column white, a quarter as wide: ${narrow.join(' ')}`);
const asSaid =
  wide.slice(0, 4).join() === '0,0,16,32' && mirrored.join() !== wide.join() && narrow.slice(1).every((v) => v === 128);
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
