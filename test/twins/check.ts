import * as assert from 'uvu/assert';
import type { Engine } from '../../src/autograd/engine.ts';
import { type AnyOp, currentTape } from '../../src/autograd/tape.ts';
import { type DType, floatType, Tensor } from '../../src/autograd/tensor.ts';
import { fill } from '../../src/kernels/elementwise.ts';
import { halfToNumber, toHalves } from '../../src/numerics/half.ts';
import { Random } from '../../src/random.ts';
import { type Case, size } from './case.ts';

/** What a target holds before an op adds its gradient to it. */
const held = 0.5;

/**
 * An f16 result is an f32 one rounded once: WGSL allows the number on either side, at most 2⁻¹⁰ away. Sums in f16 would
 * be several times further off.
 */
const halfRounding = 2 ** -10;

/**
 * Holds an op's outputs and gradients against its float64 twin: outputs directly, gradients by central differences of
 * the twin with step 1e-5, whose own error (about 1e-10 · third derivative) is far below every op's f32 tolerance.
 * @param stored of the op's activations and their gradients
 */
export async function check(
  engine: Engine,
  op: AnyOp,
  sample: Case,
  stored: 'f32' | 'f16' = 'f32',
): Promise<void> {
  const random = new Random(7);
  const draw = (count: number, dtype: DType) => {
    const numbers = Float32Array.from({ length: count }, () => 2 * random.next() - 1);
    return Float64Array.from(dtype === 'f16' ? halves(numbers) : numbers);
  };
  const types = sample.inputs.map(({ dtype }, i) => dtype ?? (op.activations?.includes(i) ? stored : 'f32'));
  const values = sample.inputs.map((input, i) =>
    input.values ? Float64Array.from(input.values) : draw(size(input.shape), types[i]!),
  );
  const tensors = sample.inputs.map(({ shape }, i) => {
    const data = types[i] === 'u32' ? Uint32Array.from(values[i]!) : Float32Array.from(values[i]!);
    return engine.input(shape, types[i]!, data);
  });
  const specs = op.infer(tensors, sample.attributes);
  const expected = sample.twin(values);
  const differentiable = expected.map((_, i) => !sample.metrics?.includes(i));
  const weights = expected.map((output, i) => draw(output.length, specs[i]!.dtype));

  const program = await engine.compile(() => {
    const tape = currentTape();
    const outputs = specs.map(
      (spec) => new Tensor(spec, tape.temporary('output', spec.shape, spec.dtype).storage),
    );
    const saved = op.forward(tape, tensors, outputs, sample.attributes);
    const upstream = outputs.map(({ shape, dtype }, i) =>
      engine.input(shape, dtype, Float32Array.from(weights[i]!)),
    );
    const targets = sample.inputs.map((input, i) =>
      input.constant ? undefined : tape.temporary('gradient', input.shape, types[i]!),
    );
    const gradients = upstream.map((tensor, i) => (differentiable[i] ? tensor : undefined));
    const applied = { inputs: tensors, outputs, attributes: sample.attributes, saved };
    const none = targets.map(() => false);
    op.backward(tape, applied, gradients, targets, none);
    const sums = targets.map((target, i) =>
      target && op.accumulates?.includes(i) ? tape.temporary('sum', target.shape, target.dtype) : undefined,
    );
    for (const sum of sums) if (sum) tape.dispatch(fill(sum.size, held, floatType(sum)), { y: sum });
    if (op.accumulates) op.backward(tape, applied, gradients, sums, sums.map(Boolean));
    const named = (prefix: string, list: readonly (Tensor | undefined)[]) =>
      list.flatMap((tensor, i) => (tensor ? [[`${prefix}${i}`, tensor] as const] : []));
    return Object.fromEntries([
      ...named('output', outputs),
      ...named('gradient', targets),
      ...named('sum', sums),
    ]);
  });
  program.run();
  const results = await program.read();
  program.program.destroy();

  const tolerance = (dtype: DType) => op.tolerance + (dtype === 'f16' ? halfRounding : 0);
  expected.forEach((output, i) => {
    compare(`output ${i}`, results[`output${i}`]!, output, tolerance(specs[i]!.dtype));
  });
  sample.inputs.forEach((input, i) => {
    if (input.constant) return;
    const loss = (inputs: readonly Float64Array[]) =>
      sample
        .twin(inputs)
        .reduce((sum, output, o) => (differentiable[o] ? sum + dot(output, weights[o]!) : sum), 0);
    const places = checkedPlaces(values[i]!.length);
    const gradient = differences(loss, values, { which: i, places });
    assert.is(results[`gradient${i}`]!.length, values[i]!.length, `gradient of input ${i}: length`);
    const at = (numbers: ArrayLike<number>) => Float64Array.from(places, (place) => numbers[place]!);
    compare(`gradient of input ${i}`, at(results[`gradient${i}`]!), gradient, tolerance(types[i]!));
    if (!op.accumulates?.includes(i)) return;
    const sum = gradient.map((value) => value + held);
    compare(`sum with the gradient of input ${i}`, at(results[`sum${i}`]!), sum, tolerance(types[i]!));
  });
}

/** The numbers, each rounded to the nearest half. */
const halves = (numbers: Float32Array): Float64Array =>
  Float64Array.from(toHalves(numbers).subarray(0, numbers.length), halfToNumber);

/** Of many numbers every seventh or eleventh, which meets all rows and columns: each costs two runs of the twin. */
function checkedPlaces(count: number): readonly number[] {
  const step = count <= 2048 ? 1 : count % 7 === 0 ? 11 : 7;
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

function differences(
  loss: (inputs: readonly Float64Array[]) => number,
  inputs: readonly Float64Array[],
  { which, places }: { readonly which: number; readonly places: readonly number[] },
): Float64Array {
  const step = 1e-5;
  const own = inputs[which]!.slice();
  const varied = inputs.map((input, i) => (i === which ? own : input));
  return Float64Array.from(places, (place) => {
    const value = own[place]!;
    const at = (x: number) => {
      own[place] = x;
      return loss(varied);
    };
    const slope = (at(value + step) - at(value - step)) / (2 * step);
    own[place] = value;
    return slope;
  });
}

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

function compare(what: string, actual: ArrayLike<number>, expected: Float64Array, tolerance: number): void {
  assert.is(actual.length, expected.length, `${what}: length`);
  // Where all entries cancel to nearly nothing the terms that cancelled, of order 0.01 and more, set the rounding.
  const scale = Math.max(1e-2, ...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const error = Math.abs(actual[i]! - value) / scale;
    assert.ok(
      error <= tolerance,
      `${what}[${i}] is ${actual[i]}, the twin says ${value} (relative ${error})`,
    );
  });
}
