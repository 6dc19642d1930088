import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeText } from '../../../src/data/labels/text_encoding.ts';
import { UserError } from '../../../src/errors.ts';
import { assertUserError } from '../temporary.ts';

const bytesOf = (...parts: (string | readonly number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)),
  );
const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const utf16 = (text: string, bigEndian: boolean) =>
  Uint8Array.from(text, (letter) => letter.charCodeAt(0)).length === 0
    ? new Uint8Array()
    : Uint8Array.from(
        [...Array(text.length).keys()].flatMap((at) => {
          const code = text.charCodeAt(at);
          return bigEndian ? [code >> 8, code & 255] : [code & 255, code >> 8];
        }),
      );

const table = 'path,label\r\na.png,Käfer\r\nb.png,猫\r\n';

test('UTF-8 and UTF-16 of both byte orders are read, with a byte order mark and without', () => {
  assert.equal(decodeText(bytesOf(table), 'f'), { text: table, encoding: 'UTF-8' });
  assert.equal(decodeText(bytesOf([0xef, 0xbb, 0xbf], table), 'f'), { text: table, encoding: 'UTF-8' });
  for (const bigEndian of [false, true]) {
    for (const text of [table, `\ufeff${table}`]) {
      assert.equal(decodeText(utf16(text, bigEndian), 'f'), { text: table, encoding: 'UTF-16' });
    }
  }
});

test('bytes that are a cat in GBK and letters in Windows-1252 are refused with their row and what they may be', async () => {
  // In GBK 猫 is C3 A8, which is valid UTF-8 too; 狗 is B9 B7, which is not.
  const gbk = bytesOf('path,label\na.png,', [0xc3, 0xa8], '\nb.png,', [0xb9, 0xb7], '\n');
  await assertUserError(
    () => decodeText(gbk, 'mine.csv'),
    'mine.csv, row 3 is not UTF-8 text',
    "'¹·' in Windows-1252, '狗' in GBK",
    "save it as 'CSV UTF-8'",
  );
});

test('known names tell an encoding, and only where no other makes as many of them known', async () => {
  const known = (...names: string[]) => {
    const set = new Set(names);
    return (cell: string) => set.has(cell);
  };
  const western = latin1('path,label\na.png,Käfer\nb.png,Mücke\n');
  const read = decodeText(western, 'f', known('Käfer', 'Mücke'));
  assert.equal(read, { text: 'path,label\na.png,Käfer\nb.png,Mücke\n', encoding: 'Windows-1252' });
  const gbk = bytesOf('path,label\na.png,', [0xc3, 0xa8], '\nb.png,', [0xb9, 0xb7], '\n');
  const cats = decodeText(gbk, 'f', known('猫', '狗'));
  assert.equal(cats, { text: 'path,label\na.png,猫\nb.png,狗\n', encoding: 'GBK' });
  // Where ISO-8859-1 has control characters Windows-1252 has letters and signs.
  const signs = bytesOf('path,label\na.png,', [0x8c], 'uf\nb.png,l', [0x92], 'ours\n');
  const signed = decodeText(signs, 'f', known('Œuf', 'l’ours'));
  assert.equal(signed, { text: 'path,label\na.png,Œuf\nb.png,l’ours\n', encoding: 'Windows-1252' });
  // Paths tell it as well as classes do.
  const paths = latin1('path,label\nfotos/Käfer.png,neu\n');
  assert.is(decodeText(paths, 'f', known('fotos/Käfer.png')).encoding, 'Windows-1252');
  // Käfer is the same in Windows-1250, where B3 is ł and not ³: which of them is meant nothing tells.
  const either = latin1('path,label\na.png,Käfer\nb.png,Mi\u00b3osz\n');
  await assertUserError(() => decodeText(either, 'f', known('Käfer')), 'row 2 is not UTF-8');
  await assertUserError(() => decodeText(western, 'f', known('cat')), 'row 2 is not UTF-8');
});

test('what is no text says what it is', async () => {
  const refuse = (bytes: Uint8Array, ...parts: string[]) =>
    assertUserError(() => decodeText(bytes, 'mine.xlsx'), 'mine.xlsx', "save it as 'CSV UTF-8'", ...parts);
  await refuse(bytesOf([0x50, 0x4b, 3, 4], 'xl/workbook.xml'), 'is a workbook');
  await refuse(bytesOf([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 'is a workbook of an old kind');
  await refuse(bytesOf('path,label\na', [0, 0, 0, 7, 0]), 'is no text file');
  await refuse(bytesOf([0xff, 0xfe], 'abc'), 'cut off');
});

test('any bytes are text or a refusal in one sentence, and no letter is ever replaced', () => {
  const piece = fc.oneof(
    fc.constantFrom('path,label\n', 'a.png,', 'Käfer', '\r\n', ';', '"', '猫'),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.uint8Array({ maxLength: 6 }),
  );
  let [texts, refusals] = [0, 0];
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const bytes = bytesOf(...pieces.map((part) => (typeof part === 'string' ? part : [...part])));
      const asked = bytesOf(...pieces.filter((part) => typeof part === 'string'));
      const own = new TextDecoder().decode(asked).includes('\ufffd');
      try {
        const { text } = decodeText(bytes, 'f', (cell) => cell === 'Käfer');
        texts++;
        // Bytes EF BF BD are that character itself: it was there.
        const holds = bytes.some(
          (byte, at) => byte === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd,
        );
        const isWide = bytes.includes(0xfd) && bytes.includes(0xff);
        if (!own && !holds && !isWide) assert.not.match(text, '\ufffd');
      } catch (error) {
        assert.instance(error, UserError);
        assert.not.match((error as UserError).message, '\n');
        refusals++;
      }
    }),
    { numRuns: 10_000, seed: 1 },
  );
  assert.ok(texts > 1000 && refusals > 1000, `${texts} texts, ${refusals} refusals`);
});

test.run();
