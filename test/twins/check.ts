import * as assert from 'uvu/assert';
import type { Engine } from '../../src/autograd/engine.ts';
import { type AnyOp, currentTape } from '../../src/autograd/tape.ts';
import { Tensor } from '../../src/autograd/tensor.ts';
import { fill } from '../../src/kernels/elementwise.ts';
import { Random } from '../../src/random.ts';
import { type Case, size } from './case.ts';

/** What a target holds before an op adds its gradient to it. */
const held = 0.5;

/**
 * Holds an op's outputs and gradients against its float64 twin: outputs directly, gradients by central differences of
 * the twin with step 1e-5, whose own error (about 1e-10 · third derivative) is far below every op's f32 tolerance.
 */
export async function check(engine: Engine, op: AnyOp, sample: Case): Promise<void> {
  const random = new Random(7);
  const draw = (count: number) =>
    Float64Array.from({ length: count }, () => Math.fround(2 * random.next() - 1));
  const values = sample.inputs.map((input) =>
    input.values ? Float64Array.from(input.values) : draw(size(input.shape)),
  );
  const expected = sample.twin(values);
  const differentiable = expected.map((_, i) => !sample.metrics?.includes(i));
  const weights = expected.map((output) => draw(output.length));

  const tensors = sample.inputs.map(({ shape, dtype }, i) =>
    engine.input(
      shape,
      dtype,
      dtype === 'u32' ? Uint32Array.from(values[i]!) : Float32Array.from(values[i]!),
    ),
  );
  const program = await engine.compile(() => {
    const tape = currentTape();
    const outputs = op
      .infer(tensors, sample.attributes)
      .map((spec) => new Tensor(spec, tape.temporary('output', spec.shape).storage));
    const saved = op.forward(tape, tensors, outputs, sample.attributes);
    const upstream = outputs.map(({ shape }, i) =>
      engine.input(shape, 'f32', Float32Array.from(weights[i]!)),
    );
    const targets = sample.inputs.map((input) =>
      input.constant ? undefined : tape.temporary('gradient', input.shape),
    );
    const gradients = upstream.map((tensor, i) => (differentiable[i] ? tensor : undefined));
    const applied = { inputs: tensors, outputs, attributes: sample.attributes, saved };
    const none = targets.map(() => false);
    op.backward(tape, applied, gradients, targets, none);
    const sums = targets.map((target, i) =>
      target && op.accumulates?.includes(i) ? tape.temporary('sum', target.shape) : undefined,
    );
    for (const sum of sums) if (sum) tape.dispatch(fill(sum.size, held), { y: sum });
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

  expected.forEach((output, i) => {
    compare(`output ${i}`, results[`output${i}`]!, output, op.tolerance);
  });
  sample.inputs.forEach((input, i) => {
    if (input.constant) return;
    const loss = (inputs: readonly Float64Array[]) =>
      sample
        .twin(inputs)
        .reduce((sum, output, o) => (differentiable[o] ? sum + dot(output, weights[o]!) : sum), 0);
    const gradient = differences(loss, values, i);
    compare(`gradient of input ${i}`, results[`gradient${i}`]!, gradient, op.tolerance);
    if (!op.accumulates?.includes(i)) return;
    const sum = gradient.map((value) => value + held);
    compare(`sum with the gradient of input ${i}`, results[`sum${i}`]!, sum, op.tolerance);
  });
}

function differences(
  loss: (inputs: readonly Float64Array[]) => number,
  inputs: readonly Float64Array[],
  which: number,
) {
  const step = 1e-5;
  return inputs[which]!.map((value, e) => {
    const at = (x: number) => loss(inputs.map((input, i) => (i === which ? input.with(e, x) : input)));
    return (at(value + step) - at(value - step)) / (2 * step);
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
