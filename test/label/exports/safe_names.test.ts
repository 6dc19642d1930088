import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NameBook, safeName } from '../../../src/label/exports/safe_names.ts';

test('ordinary names stay; separators, wildcards, dots, devices and hidden names are changed', () => {
  const cases: Record<string, string> = {
    cat: 'cat',
    'große Katze 猫 🙂': 'große Katze 猫 🙂',
    'a/b': 'a_b',
    'a\\b': 'a_b',
    '../../etc/passwd': '_.._.._etc_passwd',
    '..': '___',
    '.': '__',
    '': '_',
    '.hidden': '_.hidden',
    'ends. .': 'ends___',
    CON: '_CON',
    'nul .txt': '_nul .txt',
    Lpt1: '_Lpt1',
    console: 'console',
    'a:b*c?d"e<f>g|h': 'a_b_c_d_e_f_g_h',
    'line\nbreak\u0000': 'line_break_',
    'e\u0301': '\u00e9',
    '\ud800': '_',
  };
  for (const [text, name] of Object.entries(cases)) assert.is(safeName(text), name, JSON.stringify(text));
});

test('any text becomes a name that no file system refuses and that leads nowhere', () => {
  const nasty = fc.array(
    fc.oneof(
      fc.constantFrom('..', '/', '\\', '.', ' ', 'con', '\0', 'x'.repeat(100)),
      fc.string({ unit: 'binary' }),
    ),
  );
  fc.assert(
    fc.property(nasty, (parts) => {
      const name = safeName(parts.join(''));
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
      assert.match(name, /^[^./\\:*?"<>|\0-\x1f][^/\\:*?"<>|\0-\x1f]*$/u);
      assert.not.match(name, /[. ]$/);
      assert.not.match(name, /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
      assert.ok(new TextEncoder().encode(name).length <= 180);
      assert.is(safeName(name), name);
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('no name is given twice, also where capitals and composition do not count', () => {
  const book = new NameBook();
  const names = [
    ['a', '.png'],
    ['a', '.png'],
    ['A', '.PNG'],
    ['a_2', '.png'],
    ['a', '.jpg'],
    ['straße', ''],
    ['STRASSE', ''],
  ].map(([stem, ending]) => book.take(stem!, ending));
  assert.equal(names, ['a.png', 'a_2.png', 'A_3.PNG', 'a_2_2.png', 'a.jpg', 'straße', 'STRASSE_2']);
});

test('ten thousand images of one name are numbered in a moment', () => {
  const book = new NameBook();
  const started = performance.now();
  const names = Array.from({ length: 10_000 }, () => book.take('image', '.jpg'));
  assert.is(new Set(names).size, 10_000);
  assert.is(names.at(-1), 'image_10000.jpg');
  // Looking for a free number from the start each time would take 50 million tries: half a minute.
  assert.ok(performance.now() - started < 2000);
});

test.run();
