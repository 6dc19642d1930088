import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvLine } from '../../../src/data/labels/csv.ts';
import { visitCsv } from '../../../src/data/labels/csv_stream.ts';

/** A file of these bytes. */
const fileOf = (bytes: Uint8Array) => ({
  stat: async () => ({ kind: 'file' as const, bytes: bytes.length }),
  readSlice: async (_: string, offset: number, length: number) => bytes.slice(offset, offset + length),
});

async function rowsOf(text: string) {
  const rows: (readonly string[])[] = [];
  const take = (fields: readonly string[], row: number) => {
    assert.is(row, rows.length);
    rows.push(fields);
  };
  const whole = await visitCsv(fileOf(new TextEncoder().encode(text)), 'index.csv', take, 4096);
  return { rows, whole };
}

test('a file of several pieces has the rows that were written: line breaks and quotes in cells, a row longer than a piece', async () => {
  const written = Array.from({ length: 6000 }, (_, i) => [
    i % 1000 === 7 ? `a "${i}"\r\nb, é` : `images/${'x'.repeat(i % 97)}${i}.jpg`,
    `${i}`,
  ]);
  written[3000] = ['y'.repeat(20_000), 'long'];
  const { rows, whole } = await rowsOf(written.map(csvLine).join(''));
  assert.ok(whole);
  assert.is(rows.length, written.length);
  assert.ok(rows.every(([path, number], i) => path === written[i]![0] && number === written[i]![1]));
});

test('a file that was cut within quotes, and one with a row too short, are told', async () => {
  assert.is((await rowsOf('path,label\r\n"a\r\n')).whole, false);
  assert.is((await rowsOf('path,label\r\na\r\n')).whole, false);
});

test.run();
