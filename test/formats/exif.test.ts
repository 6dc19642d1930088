import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readExif } from '../../src/formats/exif.ts';
import { Random } from '../../src/random.ts';

/** A JPEG file in which another program, libvips, has put these entries. */
const jpeg = (exif?: Parameters<ReturnType<typeof sharp>['withExif']>[0]): Promise<Buffer> => {
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: '#123456' } });
  return (exif ? image.withExif(exif) : image).jpeg().toBuffer();
};

test('camera and time as another program wrote them', async () => {
  const bytes = await jpeg({
    IFD0: { Make: 'Nikon', Model: 'D850' },
    IFD2: {
      DateTimeOriginal: '2026:11:30 16:30:58',
      SubSecTimeOriginal: '25',
      BodySerialNumber: '00123',
    },
  });
  assert.equal(readExif(bytes), {
    camera: 'Nikon D850 00123',
    seconds: Date.UTC(2026, 10, 30, 16, 30, 58) / 1000 + 0.25,
  });
});

test('the time of the last change where there is no other; none for a clock that was never set', async () => {
  const changed = await jpeg({ IFD0: { DateTime: '2020:02:29 00:00:00' } });
  assert.equal(readExif(changed), { camera: '', seconds: Date.UTC(2020, 1, 29) / 1000 });
  assert.is(readExif(await jpeg({ IFD2: { DateTimeOriginal: '0000:00:00 00:00:00' } })), undefined);
  assert.is(readExif(await jpeg({ IFD0: { Make: 'Nikon' } })), undefined);
});

test('the bytes of a processor that writes the highest byte first', () => {
  // One entry, DateTime, 20 characters at offset 26.
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x32, 0, 2, 0, 0, 0, 20, 0, 0, 0, 26, 0, 0, 0, 0];
  const text = [...new TextEncoder().encode('1999:12:31 23:59:59\0')];
  const body = [...new TextEncoder().encode('Exif\0\0'), ...tiff, ...text];
  const bytes = Uint8Array.of(0xff, 0xd8, 0xff, 0xff, 0xe1, 0, body.length + 2, ...body);
  assert.equal(readExif(bytes), { camera: '', seconds: Date.UTC(1999, 11, 31, 23, 59, 59) / 1000 });
});

test('other files, and files cut or broken anywhere, have no time or some, and never an error', async () => {
  assert.is(readExif(Uint8Array.of()), undefined);
  assert.is(readExif(Uint8Array.of(137, 80, 78, 71)), undefined);
  assert.is(readExif(await jpeg()), undefined);
  const whole = await jpeg({ IFD0: { Make: 'Nikon' }, IFD2: { DateTimeOriginal: '2026:11:30 16:30:58' } });
  for (let length = 0; length < whole.length; length++) readExif(whole.subarray(0, length));
  const random = new Random(1);
  for (let draw = 0; draw < 2000; draw++) {
    const broken = Uint8Array.from(whole);
    for (let i = 0; i < 4; i++) broken[random.integer(300)] = random.integer(256);
    readExif(broken);
  }
});

test.run();
