import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Ranks } from '../../src/autograd/ranks.ts';
import { currentTape } from '../../src/autograd/tape.ts';
import { Tensor } from '../../src/autograd/tensor.ts';
import { fill, scale } from '../../src/kernels/elementwise.ts';
import { packHalves, unpackHalves } from '../../src/numerics/half.ts';
import { sumGradients, sumOverRanks } from '../../src/optim/rank_gradients.ts';
import type { RankLine, RankLink } from '../../src/platform/platform.ts';
import { Random } from '../../src/random.ts';
import { ranksInOneProcess } from '../ranks_in_one_process.ts';

const [size, length] = [3, 1001];
const gradients = Array.from({ length: size }, (_, rank) => {
  const random = new Random(rank, 1);
  return Float32Array.from({ length }, () => (random.next() - 0.5) * 2 ** random.integer(20));
});

const sumsOf = (wire: Ranks['wire']): Promise<Float32Array[]> =>
  Promise.all(
    ranksInOneProcess(size).map((link, rank) => sumOverRanks({ link, wire }, gradients[rank]!.slice())),
  );

test('gradients are added in the order of ranks, rounded once, and are the same bits on every rank', async () => {
  const expected = Float32Array.from({ length }, (_, i) =>
    gradients.reduce((sum, values) => sum + values[i]!, 0),
  );
  for (const sums of await sumsOf('f32')) assert.equal(sums, expected);
});

test('gradients sent as f16 keep eleven bits, however small, and are the same bits on every rank', async () => {
  const [first, ...others] = await sumsOf('f16');
  const [exact] = await sumsOf('f32');
  for (const sums of others) assert.equal(sums, first);
  const largest = Math.max(...gradients.flatMap((values) => Array.from(values, Math.abs)));
  first!.forEach((value, i) => {
    // Each rank's gradient and the sum are rounded to eleven bits, or to a subnormal half beside the largest.
    const terms = gradients.reduce((sum, values) => sum + Math.abs(values[i]!), Math.abs(exact![i]!));
    const allowed = (1.01 * terms) / 2 ** 11 + (size * largest) / 2 ** 39;
    assert.ok(Math.abs(value - exact![i]!) < allowed, `${i}: ${value}, not ${exact![i]}`);
  });
  assert.not.equal(first, exact);
});

test('numbers of any size keep eleven bits as halves under their own power of two', () => {
  for (const size of [1e-30, 1e-6, 1, 1e6, 1e30]) {
    const values = Float32Array.of(size, -size / 3, size / 1000, 0, size / 7);
    const back = unpackHalves(packHalves(values));
    values.forEach((value, i) => {
      assert.ok(Math.abs(back[i]! - value) <= Math.abs(value) / 2 ** 11, `${value} became ${back[i]}`);
    });
  }
  const [finite, infinite, none] = unpackHalves(packHalves(Float32Array.of(1, Infinity, Number.NaN)));
  assert.equal([finite, infinite, none], [1, Infinity, Number.NaN]);
});

test('the host sees what calls before it wrote, and those behind it see what it writes', async () => {
  const engine = await Engine.create();
  const program = await engine.compile(() => {
    const tape = currentTape();
    const tensors = ['first', 'seen', 'second'].map((label) => tape.temporary(label, [64]));
    const [first, seen, second] = tensors as [(typeof tensors)[0], (typeof tensors)[0], (typeof tensors)[0]];
    const result = tape.temporary('result', [64]);
    tape.dispatch(fill(64, 3), { y: first });
    tape.host([first, seen], async (gpu) => {
      const [bytes] = await gpu.read([first.storage]);
      gpu.write(
        seen.storage,
        new Float32Array(bytes!).map((value) => value + 1),
      );
    });
    tape.dispatch(scale(64, 10), { x: seen, y: second });
    // Work with nothing in between comes one behind the other.
    tape.host([second], async (gpu) => gpu.write(second.storage, Float32Array.of(7)));
    tape.host([second], async (gpu) => {
      const [bytes] = await gpu.read([second.storage]);
      gpu.write(
        second.storage,
        new Float32Array(bytes!).subarray(0, 1).map((value) => value + 1),
      );
    });
    tape.dispatch(scale(64, 2), { x: second, y: result });
    return { result };
  });
  for (let run = 0; run < 2; run++) {
    await program.run();
    const { result } = await program.read();
    assert.equal(Array.from(result.subarray(0, 3)), [16, 80, 80]);
  }
  engine.destroy();
});

test('gradients of late layers are under way while the way back through earlier ones goes on', async () => {
  const exchanged: number[] = [];
  let begun = () => {};
  const firstBegins = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const twice = (bytes: Uint8Array) => new Uint8Array(Buffer.concat([bytes, bytes])).slice();
  // Rank 0 of two that have the same gradients.
  const beside: RankLine = {
    size: 2,
    gather: async (_what, own) => twice(own),
    exchange: async (_what, parts) => {
      exchanged.push(new Float32Array(parts.slice().buffer)[0]!);
      begun();
      return twice(parts.subarray(0, parts.length / 2));
    },
  };
  const link = { ...beside, rank: 0, beside, waitFor: (pending) => pending } as RankLink;
  const engine = await Engine.create({ ranks: { link, norm: 'global', wire: 'f32' } });
  const parameters = engine.parameters();
  // As large as a piece.
  const shape = [2 ** 20];
  const [early, late] = ['early', 'late'].map((name) =>
    parameters.trainable(name, shape, () => new Float32Array(shape[0]!), { decay: false }),
  );
  const gradientOf = (parameter: Tensor) => new Tensor({ shape, dtype: 'f32' }, parameter.gradient!);
  const program = await engine.compile(() => {
    const tape = currentTape();
    tape.dispatch(fill(shape[0]!, 3), { y: gradientOf(late!) });
    tape.dispatch(fill(shape[0]!, 1), { y: gradientOf(early!) });
    sumGradients(parameters);
    // In front of the early layer: waits for what only the late one's gradient can begin.
    tape.recording.host([], () => firstBegins, 1);
    return {};
  });
  await program.run();
  assert.equal(exchanged, [3, 1]);
  const [first, second] = await engine.read(gradientOf(early!), gradientOf(late!));
  assert.equal([first!.at(-1), second!.at(-1)], [2, 6]);
  engine.destroy();
});

test.run();
