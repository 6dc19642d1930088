import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imageKind, kindReach } from '../../../src/formats/images/image_kind.ts';
import bmp from '../../fixtures/images/bmp.json';
import dicom from '../../fixtures/images/dicom.json';
import heic from '../../fixtures/images/heic.json';
import tiff from '../../fixtures/images/tiff.json';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const latin = (text: string) => new Uint8Array(Buffer.from(text.padEnd(200, '\0'), 'latin1'));

test('files of every kind that is read are known by their beginning', () => {
  for (const [kind, files] of Object.entries({ bmp, dicom, heic, tiff })) {
    for (const { name, file } of files)
      assert.is(imageKind(bytesOf(file).subarray(0, kindReach)), kind, name);
  }
});

test('a DICOM file whose first 128 bytes are a TIFF header is DICOM', () => {
  const bytes = bytesOf(dicom[0]!.file);
  bytes.set([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]);
  assert.is(imageKind(bytes), 'dicom');
});

test('kinds that are not read have a name, and text is none', () => {
  const box = (brands: string) => latin(`\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}`);
  const expected = [
    [latin('8BPS\0\x01'), 'psd'],
    [latin('%PDF-1.7'), 'pdf'],
    [latin('\xff\x0a'), 'jxl'],
    [latin('\0\0\0\x0cjP  \r\n\x87\n'), 'jp2'],
    [latin('FUJIFILMCCD-RAW 0201'), 'raw'],
    [latin('II\x2a\0\x10\0\0\0CR\x02\0'), 'raw'],
    [latin('P5\n4 4\n255\n'), 'pnm'],
    [latin('\0\0\x01\0\x01\0\x10\x10\0\0'), 'ico'],
    [
      latin(
        '\ufeff<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">'.replace(
          '\ufeff',
          '\xef\xbb\xbf',
        ),
      ),
      'svg',
    ],
    [box('isom\0\0\0\0isommp41'), 'video'],
    [box('qt  \0\0\0\0qt  '), 'video'],
    [box('avif\0\0\0\0mif1avif'), 'avif'],
    [box('mif1\0\0\0\0mif1heic'), 'heic'],
    [box('mif1\0\0\0\0mif1avif'), 'avif'],
    [box('crx \0\0\0\0crx isom'), 'raw'],
    [latin('path,label\na.png,cat'), undefined],
    [latin('BMW is a maker of cars, not of pictures'), undefined],
    [new Uint8Array(0), undefined],
  ] as const;
  for (const [head, kind] of expected) assert.is(imageKind(head), kind);
});

test("a camera's raw file in the form of TIFF is no TIFF image: its first page is a small preview", () => {
  const entry = (tag: number, type: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(1, 4);
    if (type === 3) bytes.writeUInt16LE(value, 8);
    else bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const file = (...entries: Buffer[]) =>
    new Uint8Array(
      Buffer.concat([Buffer.from([0x49, 0x49, 0x2a, 0, 8, 0, 0, 0, entries.length, 0]), ...entries]),
    );
  assert.is(imageKind(file(entry(254, 4, 1), entry(271, 2, 0), entry(330, 4, 99))), 'raw');
  assert.is(imageKind(file(entry(254, 4, 0), entry(50706, 1, 0x401))), 'raw');
  assert.is(imageKind(file(entry(259, 3, 34713))), 'raw');
  assert.is(imageKind(file(entry(254, 4, 0), entry(271, 2, 0))), 'tiff');
});

test.run();
