import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { visitNearPairs } from '../../../src/label/findings/near_pairs.ts';
import { Random } from '../../../src/random.ts';

test('among more rows than 53 bits hold beside a signature of 32 none is lost, and equal ones meet', () => {
  const columns = 12;
  const apart = 1_150_000;
  const count = 2 * apart;
  const random = new Random(5);
  const half = Float32Array.from({ length: apart * columns }, () => random.next() - 0.5);
  // The second half repeats the first.
  const block = (first: number, size: number) => {
    const rows = new Float32Array(size * columns);
    for (let i = 0; i < size; i++) {
      const from = ((first + i) % apart) * columns;
      rows.set(half.subarray(from, from + columns), i * columns);
    }
    return rows;
  };
  const seen = new Uint8Array(count);
  let [met, pairs] = [0, 0];
  visitNearPairs({ count, columns, block }, 1, new Random(3), (a, b) => {
    pairs++;
    seen[a] = 1;
    seen[b] = 1;
    if (b - a === apart) met++;
  });
  assert.is(pairs, 20 * count - 210, 'each row meets the twenty behind it');
  assert.not(seen.includes(0), 'every row has its place');
  // In twelve dimensions 32 planes leave some rows with more than twenty of the same signature.
  assert.ok(met > 0.9 * apart, `${met} of ${apart}`);
});

test.run();
