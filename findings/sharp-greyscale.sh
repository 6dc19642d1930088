#!/usr/bin/env bash
# sharp 0.35.5's greyscale is corrected for gamma already; with the gamma() that its page advises it is corrected twice.
#
# Expected: its documentation: "This is a linear operation. If the input image is in a non-linear colour space such as
# sRGB, use gamma() with greyscale()". So without gamma() red has a weighted share of 255 (54 by Rec. 709, 76 by Rec.
# 601 as other decoders).
# Seen: weights of Rec. 709 on linear light, coded as sRGB again: 127 for red, 220 for green, 76 for blue. A model that
# was trained on greys of another decoder meets reds that are two thirds brighter. With gamma() red is 185.
# kindred: greys are its own, Rec. 601 on coded values (src/data/grey_thumbnail.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error sharp@0.35.5 > /dev/null
cat > shown.mjs <<'JS'
import sharp from 'sharp';

const colours = Buffer.from([255, 0, 0, 0, 255, 0, 0, 0, 255]);
const image = () => sharp(colours, { raw: { width: 3, height: 1, channels: 3 } });
const levels = async (pipeline) => [...(await pipeline.greyscale().toColourspace('b-w').raw().toBuffer())];
const coded = (share) => {
  const light = share <= 0.0031308 ? 12.92 * share : 1.055 * share ** (1 / 2.4) - 0.055;
  return Math.round(255 * light);
};
const [plain, twice] = [await levels(image()), await levels(image().gamma())];
const linear = [0.2126, 0.7152, 0.0722].map(coded);
const shares = [0.2126, 0.7152, 0.0722].map((share) => Math.round(255 * share));
console.log(`red, green, blue: ${plain}; with gamma(): ${twice}`);
console.log(`Rec. 709 on linear light: ${linear}; on coded values: ${shares}`);
const asSaid = plain.every((level, i) => Math.abs(level - linear[i]) <= 1) && twice[0] > plain[0] + 40;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
