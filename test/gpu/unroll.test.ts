import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unroll } from '../../src/gpu/unroll.ts';

/** The text without its layout, and without the braces that only group. */
const squeeze = (text: string) => text.replace(/\s+/g, ' ').trim();
const body = (...lines: readonly string[]) => `fn f() {\n${lines.map((line) => `  ${line}`).join('\n')}\n}\n`;

test('a loop of constant length is written out, its counter put in', () => {
  const source = body('for (var i = 0u; i < 3u; i++) { y[i] = x[2u * i]; }');
  assert.is(
    squeeze(unroll(source)),
    'fn f() { { y[0u] = x[2u * 0u]; } { y[1u] = x[2u * 1u]; } { y[2u] = x[2u * 2u]; } }',
  );
});

test('bounds may be expressions of module constants', () => {
  const constants = 'const N = 2u;\nconst M: u32 = N * (N + 1u) - 4u;\n';
  const source = (bound: string) => `${constants}${body(`for (var i = 0u; i < ${bound}; i++) { g(i); }`)}`;
  for (const [bound, count] of [
    ['M', 2],
    ['N + M', 4],
    ['N * M - 1u', 3],
    ['(N + M) % 3u', 1],
    ['7u / N', 3],
    ['N - 2u', 0],
  ] as const) {
    const calls = [...unroll(source(bound)).matchAll(/g\((\d)u\)/g)].map((match) => Number(match[1]));
    assert.equal(calls, [0, 1, 2, 3].slice(0, count), bound);
  }
});

test('only whole words are the counter', () => {
  const source = body('for (var i = 0u; i < 1u; i++) { let image = i + mid; }');
  assert.match(unroll(source), /let image = 0u \+ mid;/);
});

test('nested loops are written out, inner ones that depend on data are not', () => {
  const source = body(
    'for (var i = 0u; i < 2u; i++) {',
    '  for (var k = 0u; k < params.k; k++) {',
    '    for (var j = 0u; j < 2u; j++) { sum[i * 2u + j] += x[k]; }',
    '  }',
    '}',
  );
  const result = unroll(source);
  assert.is(result.match(/for \(var k = 0u; k < params\.k; k\+\+\)/g)?.length, 2);
  assert.not.match(result, /var [ij]\b/);
  const cells = [...result.matchAll(/sum\[(\d)u \* 2u \+ (\d)u\]/g)].map((match) => `${match[1]}${match[2]}`);
  assert.equal(cells, ['00', '01', '10', '11']);
});

for (const [what, line] of [
  ['a bound from data', 'for (var i = 0u; i < params.n; i++) { g(i); }'],
  ['another start', 'for (var i = 1u; i < 4u; i++) { g(i); }'],
  ['another step', 'for (var i = 0u; i < 4u; i += 2u) { g(i); }'],
  ['a signed counter', 'for (var i = 0; i < 4; i++) { g(i); }'],
  ['a float in the bound', 'for (var i = 0u; i < u32(N * 1.5); i++) { g(i); }'],
  ['more rounds than code should grow by', 'for (var i = 0u; i < 1000u; i++) { g(i); }'],
  ['a continue', 'for (var i = 0u; i < 4u; i++) { if (x[i] > 0.0) { continue; } g(i); }'],
  ['a break', 'for (var i = 0u; i < 4u; i++) { if (x[i] > 0.0) { break; } g(i); }'],
] as const) {
  test(`a loop stays a loop: ${what}`, () => {
    const source = `const N = 4u;\n${body(line)}`;
    assert.is(unroll(source), source);
  });
}

test('an array whose every index is then constant becomes variables', () => {
  const source = `const N = 2u;\n${body(
    'var sum: array<f32, N * 2u>;',
    'for (var i = 0u; i < N; i++) { sum[i * 2u] += sum[2u * i + 1u]; }',
  )}`;
  assert.is(
    squeeze(unroll(source)),
    'const N = 2u; fn f() { var sum_0: f32; var sum_1: f32; var sum_2: f32; var sum_3: f32; { sum_0 += sum_1; } { sum_2 += sum_3; } }',
  );
});

test('an array stays one where an index is dynamic, out of bounds, or it is used whole', () => {
  for (const use of ['y = sum[k];', 'y = sum[4u];', 'y = sum[sum[0u]];', 'let copy = sum;', 'g(&sum);']) {
    const source = body('var sum: array<u32, 4>;', 'sum[0u] = 1u;', use);
    assert.is(unroll(source), source, use);
  }
});

test('arrays of one name in two functions are told apart', () => {
  const first = body('var a: array<f32, 1>;', 'a[0u] = 1.0;');
  const second = body('var a: array<f32, 1>;', 'a[k] = 1.0;');
  assert.is(squeeze(unroll(first + second)), squeeze(`fn f() { var a_0: f32; a_0 = 1.0; } ${second}`));
  assert.is(squeeze(unroll(second + first)), squeeze(`${second} fn f() { var a_0: f32; a_0 = 1.0; }`));
});

test("a module's private array becomes variables too, unless one function indexes it by a variable", () => {
  const declared = 'var<private> next: array<f32, 2>;\n';
  const constant = body('next[0u] = next[1u];');
  const dynamic = body('next[k] = 1.0;');
  assert.is(
    squeeze(unroll(declared + constant)),
    squeeze(`var<private> next_0: f32; var<private> next_1: f32; ${body('next_0 = next_1;')}`),
  );
  assert.is(unroll(declared + constant + dynamic), declared + constant + dynamic);
});

test('a shuffle from a constant lane becomes a broadcast, from any other it stays', () => {
  const source = `const N = 2u;\n${body('for (var i = 0u; i < N; i++) { s += subgroupShuffle(v[i % 2u], (i + N) / 2u); }', 's += subgroupShuffle(v, k);')}`;
  assert.is(
    squeeze(unroll(source)),
    'const N = 2u; fn f() { { s += subgroupBroadcast(v[0u % 2u], 1u); } { s += subgroupBroadcast(v[1u % 2u], 1u); } s += subgroupShuffle(v, k); }',
  );
});

test('source without such loops and arrays comes back as it was', () => {
  const source =
    '// for (var i = 0u; …\nconst A = 1.5;\n@group(0) @binding(0) var<storage, read> x: array<f32>;\n';
  assert.is(unroll(source), source);
});

test.run();
