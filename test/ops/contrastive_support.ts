import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { backward } from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { add } from '../../src/ops/add.ts';
import { cosineSimilarity } from '../../src/ops/cosine_similarity.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { type LossWithMetrics, softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy.ts';
import { supCon } from '../../src/ops/sup_con.ts';
import { Random } from '../../src/random.ts';

export const engine = await Engine.create();

export interface Result {
  readonly loss: number;
  readonly top1: number;
  readonly similarity: number;
  readonly gradient: Float32Array;
}

type Loss = (views: Tensor, temperature: number) => LossWithMetrics;
const streamed: Loss = (views, temperature) => ntXent(views, { temperature });
/**
 * NT-Xent's plain twin: stores all 2N×2N similarities and takes their cross-entropy, the diagonal far below all others,
 * so that its exponential is 0.
 */
export const plain: Loss = (views, temperature) => {
  const rows = views.shape[0]!;
  const partners = Uint32Array.from({ length: rows }, (_, i) => (i + rows / 2) % rows);
  const diagonal = new Float32Array(rows * rows);
  for (let i = 0; i < rows; i++) diagonal[i * (rows + 1)] = -1e6;
  const others = add(cosineSimilarity(views, views), engine.input([rows, rows], 'f32', diagonal));
  return softmaxCrossEntropy(others, engine.input([rows], 'u32', partners), { temperature });
};
export const supervised =
  (labels: readonly number[]): Loss =>
  (views, temperature) =>
    supCon(views, engine.input([labels.length], 'u32', Uint32Array.from(labels)), { temperature });

/** Records loss and gradient of `rows` views that are themselves the parameter. */
export async function compile(rows: number, columns: number, temperature: number, loss: Loss = streamed) {
  const parameters = engine.parameters();
  const views = parameters.trainable('views', [rows, columns], () => new Float32Array(rows * columns), {
    decay: false,
  });
  const program = await engine.compile(() => {
    const outputs = loss(views, temperature);
    backward(outputs.loss);
    return { ...outputs };
  });
  return { parameters, views, program };
}

/** Loss, metrics and gradient of flat rows of `columns` entries, all first views and then all second ones. */
export async function evaluate(
  values: ArrayLike<number>,
  columns: number,
  temperature: number,
  loss?: Loss,
): Promise<Result> {
  const compiled = await compile(values.length / columns, columns, temperature, loss);
  compiled.parameters.write('views', Float32Array.from(values));
  // Twice: the second run must not add to what the first one left in the gradient.
  compiled.program.run();
  compiled.program.run();
  const outputs = await compiled.program.read();
  const [gradient] = await engine.gpu.read([compiled.views.gradient!]);
  compiled.program.destroy();
  const [top1, similarity] = outputs.metrics as Float32Array;
  return {
    loss: outputs.loss[0]!,
    top1: top1!,
    similarity: similarity!,
    gradient: new Float32Array(gradient!),
  };
}

/** Numbers of a seed's stream in [−1, 1), as float32. */
export function draw(seed: number, count: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => 2 * random.next() - 1);
}

export const ulp = 2 ** -24;
/** Logits reach 1/τ and are rounded there; a sum of exponentials brings a few more roundings of the loss. */
export const lossBound = (temperature: number, loss: number) => 4 * ulp * (1 / temperature + Math.abs(loss));
/** The gradient's factors are exponentials of differences of logits up to 2/τ, each with that difference's error. */
export const gradientBound = (temperature: number) => 4 * ulp * (1 + 1 / temperature);

export function sameLoss(actual: Result, expected: number, temperature: number, what: string): void {
  const bound = lossBound(temperature, expected);
  const error = Math.abs(actual.loss - expected);
  assert.ok(
    error <= bound,
    `${what}: the loss is ${actual.loss}, not ${expected} (${error / bound} of the bound)`,
  );
}
