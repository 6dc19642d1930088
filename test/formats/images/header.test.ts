import sharp, { type Sharp } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { headerReach, imageHeader, seenSize } from '../../../src/formats/images/header.ts';
import { imageKind } from '../../../src/formats/images/image_kind.ts';

const plain = (width = 61, height = 43) =>
  sharp({ create: { width, height, channels: 3, background: '#408020' } });

const writers: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  jpeg: (image) => image.jpeg(),
  progressive: (image) => image.jpeg({ progressive: true }),
  png: (image) => image.png(),
  gif: (image) => image.gif(),
  lossy: (image) => image.webp(),
  lossless: (image) => image.webp({ lossless: true }),
  avif: (image) => image.avif(),
};

test('size and turn of what libvips writes are told from the header', async () => {
  for (const [name, write] of Object.entries(writers)) {
    for (const orientation of name === 'gif' || name === 'avif' ? [1] : [1, 3, 5, 6, 8]) {
      const image = orientation === 1 ? plain() : plain().withMetadata({ orientation });
      const bytes = await write(image).toBuffer();
      const header = imageHeader(imageKind(bytes)!, bytes);
      assert.equal(header, { width: 61, height: 43, orientation }, `${name} ${orientation}`);
      const { autoOrient } = await sharp(bytes).metadata();
      assert.equal(seenSize(header!), { ...autoOrient }, `${name} ${orientation}`);
    }
  }
});

test('transparent WebP, and sides at their limits', async () => {
  const rgba = sharp({ create: { width: 300, height: 7, channels: 4, background: '#40802080' } });
  const webp = await rgba.webp().toBuffer();
  assert.equal(imageHeader('webp', webp), { width: 300, height: 7, orientation: 1 });
  const wide = await plain(16383, 1).webp({ lossless: true }).toBuffer();
  assert.equal(imageHeader('webp', wide), { width: 16383, height: 1, orientation: 1 });
});

test('a beginning that does not reach the size asks for more, whatever it is', async () => {
  for (const [name, write] of Object.entries(writers)) {
    const bytes = await write(plain()).toBuffer();
    const kind = imageKind(bytes)!;
    // Each cut is answered, by the size or by nothing.
    for (let length = 0; length < Math.min(bytes.length, 400); length++) {
      const header = imageHeader(kind, bytes.subarray(0, length));
      if (header) assert.equal([header.width, header.height], [61, 43], `${name} of ${length} bytes`);
    }
    assert.is(imageHeader(kind, bytes.subarray(0, 9)), undefined, name);
  }
  // A profile in front of the picture may be longer than what is read first.
  const profile = Buffer.alloc(65000, 1);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe2, 0xfd, 0xea]), profile]);
  const jpeg = await plain().jpeg().toBuffer();
  const long = Buffer.concat([jpeg.subarray(0, 2), segment, segment, jpeg.subarray(2)]);
  assert.is(imageHeader('jpeg', long.subarray(0, headerReach)), undefined);
  assert.equal(imageHeader('jpeg', long), { width: 61, height: 43, orientation: 1 });
});

test.run();
