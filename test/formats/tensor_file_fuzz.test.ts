import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { decodeTensorFile } from '../../src/formats/tensor_file.ts';
import { torchFiles } from './torch_files.ts';
import { zipFile } from './zip_file.ts';

/** Accepts or refuses with a UserError; what is accepted stays within a small multiple of the file. */
function survives(bytes: Uint8Array): void {
  try {
    const { tensors, unread } = decodeTensorFile(bytes, 'x');
    const own = new Set([...tensors.values()].map(({ data }) => data));
    let total = 0;
    for (const data of own) total += data.byteLength;
    assert.ok(total <= 8 * bytes.length + (1 << 20), `${total} bytes of a file of ${bytes.length}`);
    for (const [path, reason] of unread) assert.ok(path.length < 1200 && reason.length < 300);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.not.match(error.message, /\n/);
    assert.ok(error.message.length < 600, error.message);
  }
}

const edits = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 0x7f))), {
  minLength: 1,
  maxLength: 4,
});
const anyFile = fc.constantFrom(...torchFiles);
const runs = { seed: 11, numRuns: 3000 };

test('a file with bytes changed is read or refused, never a crash', () => {
  fc.assert(
    fc.property(anyFile, edits, ({ bytes }, changes) => {
      const changed = bytes.slice();
      for (const [at, value] of changes) changed[at % changed.length] = value;
      survives(changed);
    }),
    runs,
  );
});

test('a file with a stretch cut out, doubled or put elsewhere is read or refused, never a crash', () => {
  const cut = fc.tuple(fc.nat(), fc.nat(40), fc.nat(), fc.boolean());
  fc.assert(
    fc.property(anyFile, anyFile, cut, ({ bytes }, other, [at, length, from, isOwn]) => {
      const place = at % bytes.length;
      const source = isOwn ? bytes : other.bytes;
      const start = from % source.length;
      survives(
        Buffer.concat([
          bytes.subarray(0, place),
          source.subarray(start, start + length),
          bytes.subarray(place + (length % 13)),
        ]),
      );
    }),
    runs,
  );
});

test('any instructions in any order are read or refused, never a crash or a long wait', () => {
  // Whole phrases, so that random programs get past their first lines.
  const phrases = [
    ...'().0123NQR]abdehjlqrstu}',
    ...['\x81', '\x85', '\x86', '\x87', '\x88', '\x8f', '\x90', '\x91', '\x92', '\x93', '\x94', '\x95'],
    ...[
      'K\x00',
      'K\x06',
      'K\x01',
      'J\xff\xff\xff\x7f',
      '\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f',
      'U\x01w',
      'X\x01\0\0\0w',
    ],
    ...[
      'q\x01',
      'h\x01',
      'r\x02\0\0\0',
      'j\x02\0\0\0',
      'ccollections\nOrderedDict\n',
      'ctorch\nFloatTensor\n',
    ],
    ...[
      'ctorch._utils\n_rebuild_tensor\n',
      'ctorch._utils\n_rebuild_tensor_v2\n',
      'ctorch._utils\n_rebuild_parameter\n',
    ],
    ...['ctorch._tensor\n_rebuild_from_type_v2\n', 'cposix\nsystem\n', 'ctorch\nSize\n'],
    '(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x06tQ',
    'ctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x06tQK\x00K\x06\x85K\x01\x85tR',
  ];
  const program = fc.array(fc.constantFrom(...phrases), { maxLength: 60 });
  fc.assert(
    fc.property(program, (parts) => {
      const pickle = Uint8Array.from(`\x80\x02${parts.join('')}.`, (character) => character.charCodeAt(0));
      survives(
        zipFile([
          ['m/data.pkl', pickle],
          ['m/data/0', new Uint8Array(24)],
        ]),
      );
    }),
    { ...runs, numRuns: 10000 },
  );
});

test('random bytes behind any beginning are refused, never a crash', () => {
  const begins = fc.constantFrom(
    '',
    'PK\x03\x04',
    'PK\x05\x06',
    '\x80\x02',
    '\x80\x04',
    '<!',
    '{',
    '\x08\x07',
  );
  fc.assert(
    fc.property(begins, fc.uint8Array({ maxLength: 300 }), (begin, rest) => {
      survives(Buffer.concat([Buffer.from(begin, 'latin1'), rest]));
    }),
    runs,
  );
});

test('a program that does all the work it may ends within seconds', () => {
  // A dictionary made a hundred thousand times over from one list of as many pairs.
  const pairs = `]q\x01(${']K\x01a2a'.repeat(3)}${'h\x02'.repeat(50_000)}e0`;
  const pickle = `]K\x01aK\x02aq\x020${pairs}${'ccollections\nOrderedDict\nh\x01\x85R0'.repeat(50_000)}N`;
  const bytes = Uint8Array.from(`\x80\x02${pickle}.`, (character) => character.charCodeAt(0));
  const start = performance.now();
  survives(zipFile([['m/data.pkl', bytes]]));
  // Measured: half a second; the limit is far above, for a busy machine.
  assert.ok(performance.now() - start < 20_000);
});

test.run();
