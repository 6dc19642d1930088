// A job of shards as `kindred shard run` leaves it, for images that nobody has: a pack of tiny squares, a run of an
// untrained encoder of 64 numbers on its first images, a real plan, and parts whose features, thumbnails and hashes are
// drawn from a seed. Every image is a row of a mixture of Gaussians; one in a hundred repeats the image before it, one in
// fifty is a near copy of it.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export const classes = 10;
const side = 8;
const thumbnailSide = 16;
const area = thumbnailSide ** 2;
const imagesAFile = 300_000;

/** Numbers below 2³² that depend on image and stream alone. */
export function hash(image, stream) {
  let h = Math.imul(image ^ Math.imul(stream + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 16), 0x27d4eb2f);
  return (h ^ (h >>> 15)) >>> 0;
}

/** The image that an image repeats, exactly or nearly; itself where it repeats none. */
const isCopy = (image) => image > 0 && image % 100 === 50;
const isNearCopy = (image) => image > 0 && image % 50 === 7;
const shown = (image) => (isCopy(image) || isNearCopy(image) ? image - 1 : image);

export const pathOf = (image) =>
  `images/${String(Math.floor(image / 10_000)).padStart(4, '0')}/${String(image).padStart(8, '0')}.jpg`;
export const classOf = (image) => hash(shown(image), 0) % classes;

const normals = Float32Array.from({ length: 1 << 16 }, (_, i) => {
  const radius = Math.sqrt(-2 * Math.log(1 - hash(i, 1) / 2 ** 32));
  return radius * Math.cos((2 * Math.PI * hash(i, 2)) / 2 ** 32);
});

/** A picture whose octaves are equally loud, as those of photos are, from which thumbnails are cut. */
const groundSide = 1024;
const ground = smoothGround();
function smoothGround() {
  const pixels = new Float32Array(groundSide ** 2);
  for (let octave = 0; octave <= 5; octave++) {
    const step = 1 << octave;
    const across = groundSide / step;
    const level = (x, y) => normals[((y % across) * across + (x % across) + 977 * octave) & 0xffff];
    for (let y = 0; y < groundSide; y++) {
      for (let x = 0; x < groundSide; x++) {
        const [i, j] = [Math.floor(x / step), Math.floor(y / step)];
        const [s, t] = [(x % step) / step, (y % step) / step];
        const top = (1 - s) * level(i, j) + s * level(i + 1, j);
        const bottom = (1 - s) * level(i, j + 1) + s * level(i + 1, j + 1);
        pixels[y * groundSide + x] += 0.6 * ((1 - t) * top + t * bottom);
      }
    }
  }
  return pixels;
}

/** What the shard of some images holds, as `kindred shard run` would have computed it. */
export function fillPart(part, first, images, columns) {
  const [features] = part.features;
  const spread = Math.sqrt(0.5);
  for (let row = 0; row < images; row++) {
    const image = first + row;
    const own = shown(image);
    const centre = (classOf(image) * 6007) & 0xffff;
    const [a, b] = [hash(own, 3) & 0xffff, hash(own, 4) & 0xffff];
    const grain = isNearCopy(image) ? 0.05 : 0;
    for (let j = 0; j < columns; j++) {
      const noise = spread * (normals[(a + j) & 0xffff] + normals[(b + 3 * j) & 0xffff]);
      features[row * columns + j] =
        normals[(centre + 7 * j) & 0xffff] + noise + grain * normals[(image + j) & 0xffff];
    }
    const [u, v] = [hash(own, 5), hash(own, 6)];
    const [left, top] = [u % (groundSide - 16), (u >>> 16) % (groundSide - 16)];
    const [right, down] = [v % (groundSide - 16), (v >>> 16) % (groundSide - 16)];
    for (let y = 0; y < thumbnailSide; y++) {
      for (let x = 0; x < thumbnailSide; x++) {
        const one = ground[(top + y) * groundSide + left + x];
        const other = ground[(down + y) * groundSide + right + x];
        const noise = isNearCopy(image) ? 2 * normals[(image + 16 * y + x) & 0xffff] : 0;
        const grey = 128 + 20 * (one + other) + noise;
        part.thumbnails[row * area + y * thumbnailSide + x] = grey < 0 ? 0 : grey > 255 ? 255 : grey;
      }
    }
    const square = isCopy(image) ? image - 1 : image;
    for (let k = 0; k < 16; k += 4) {
      const word = hash(square, 7 + k);
      for (let byte = 0; byte < 4; byte++) part.squares[16 * row + k + byte] = word >>> (8 * byte);
    }
  }
  part.readable.fill(1);
  part.done[0] = images;
}

function writeLines(path, count, header, lineOf) {
  const file = openSync(path, 'w');
  writeSync(file, header);
  for (let first = 0; first < count; first += 10_000) {
    let text = '';
    for (let i = first; i < Math.min(count, first + 10_000); i++) text += lineOf(i);
    writeSync(file, text);
  }
  closeSync(file);
}

/** A pack of so many images. */
function makePack(folder, images) {
  mkdirSync(folder, { recursive: true });
  const identity = (image) => (isCopy(image) ? image : isCopy(image + 1) ? image + 1 : '');
  writeLines(
    join(folder, 'index.csv'),
    images,
    'path,label,partition,identity\r\n',
    (image) => `${pathOf(image)},,train,${identity(image)}\r\n`,
  );
  writeFileSync(join(folder, 'unreadable.csv'), 'path,reason\r\n');
  const bytes = 3 * side * side;
  const each = Math.min(imagesAFile, images);
  for (let number = 0; number * each < images; number++) {
    const records = Math.min(each, images - number * each);
    const pixels = new Uint8Array(records * bytes);
    for (let row = 0; row < records; row++) {
      const image = number * each + row;
      const from = hash(isCopy(image) ? image - 1 : image, 8);
      for (let i = 0; i < bytes; i++)
        pixels[row * bytes + i] = 128 + 40 * normals[(from + 3 * i) & 0xffff] + 4 * classOf(image);
    }
    writeFileSync(join(folder, `pixels-${String(number).padStart(5, '0')}.bin`), pixels);
  }
  const facts = {
    version: 1,
    name: 'bench',
    images,
    side,
    imagesAFile: each,
    classes: [],
    testImages: 0,
    fit: 'crop',
  };
  writeFileSync(join(folder, 'pack.json'), JSON.stringify(facts));
}

/** Labels of images drawn at random. */
function makeLabels(path, images, labels) {
  const drawn = new Set();
  for (let i = 0; drawn.size < Math.min(labels, images); i++) drawn.add(hash(i, 9) % images);
  writeFileSync(
    path,
    `path,label\r\n${[...drawn].map((i) => `${pathOf(i)},class ${classOf(i)}\r\n`).join('')}`,
  );
}

/**
 * Makes the job in a folder.
 * @param cli the command line of the build
 * @returns the job's folder and that of its images
 */
export async function makeJob({ folder, cli, kindred, images, labels, shards }) {
  const [pack, few, run, job] = ['images', 'few', 'run', 'job'].map((name) => join(folder, name));
  const kindredRun = (...words) => {
    const { status } = spawnSync(process.execPath, [cli, ...words], { stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error(`kindred ${words[0]} ended with ${status}`);
  };
  makePack(pack, images);
  makePack(few, Math.min(images, 512));
  makeLabels(join(folder, 'labels.csv'), images, labels);
  const tiny = ['--width', '8', '--epochs', '1', '--batch', '64', '--image-size', '8'];
  kindredRun('pretrain', '--data', `pack:${few}`, '--out', run, ...tiny);
  const planned = [
    '--encoder',
    'none',
    '--labels',
    join(folder, 'labels.csv'),
    '--shards',
    `${shards}`,
    '--out',
    job,
  ];
  kindredRun('shard', 'plan', run, `pack:${pack}`, ...planned);
  const { files } = kindred.platform;
  const manifest = await kindred.readManifest(files, job);
  const columns = manifest.encoders[0].columns;
  mkdirSync(join(job, 'parts'), { recursive: true });
  for (const shard of manifest.shards) {
    const owner = await kindred.ownerOf(manifest, shard);
    const part = kindred.emptyPart(owner, manifest.adapter);
    fillPart(part, shard.first, shard.images, columns);
    writeFileSync(join(job, kindred.partFile(shard)), await kindred.encodePart(part, owner));
  }
  return { job, pack, columns };
}

/** The SHA-256 of a text, for comparing results of two builds. */
export const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
