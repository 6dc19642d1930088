import type { Engine } from '../autograd/engine.ts';
import { backward } from '../autograd/tape.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import { presets } from '../data/policy.ts';
import { linear } from '../nn/layers.ts';
import { type ResNetOptions, resnet } from '../nn/resnet.ts';
import { augment } from '../ops/augment.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy.ts';
import { warmupCosine } from '../optim/schedule.ts';
import { sgd } from '../optim/sgd.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import { ImageBank } from './image_bank.ts';

export interface SupervisedOptions {
  readonly encoder: ResNetOptions;
  readonly imageSize: number;
  readonly batch: number;
  readonly steps: number;
  /** At the peak. */
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly policy: AugmentationPolicy;
  readonly seed: number;
}

export interface LabelledImages {
  readonly pixels: Uint8Array;
  /** Side of the stored images, in pixels. */
  readonly size: number;
  readonly images: Int32Array;
  /** Class of each of `images`. */
  readonly labels: Int32Array;
  readonly classes: number;
}

const evaluationBatch = 64;

/**
 * The baseline: the same network with a linear classifier, trained from scratch on the labelled images alone.
 * @returns the predicted classes of `queries`, in evaluation mode
 */
export async function superviseFromScratch(
  engine: Engine,
  labelled: LabelledImages,
  queries: Int32Array,
  options: SupervisedOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<Int32Array> {
  const { imageSize, steps, seed, policy, momentum, weightDecay } = options;
  const { pixels, size: sourceSize, images, classes } = labelled;
  const batch = Math.min(options.batch, images.length);
  const parameters = engine.parameters();
  const context = { parameters, seed };
  const encoder = resnet(context, options.encoder);
  const classify = linear(context, 'fc', { inputs: encoder.featureSize, outputs: classes, bias: true });
  const optimizer = sgd(engine, parameters, { momentum, weightDecay });
  const bank = new ImageBank(engine, pixels, sourceSize, batch);
  const counter = engine.input([2], 'u32');
  const targets = engine.input([batch], 'u32');
  const training = await engine.compile(() => {
    const views = augment(bank.images, bank.indices, counter, { policy, sourceSize, imageSize });
    const { loss } = softmaxCrossEntropy(classify(encoder.forward(views)), targets);
    backward(loss);
    optimizer.update();
    return { loss };
  });
  const schedule = { peak: options.learningRate, warmupSteps: Math.ceil(steps / 20), totalSteps: steps };
  const perEpoch = Math.floor(images.length / batch);
  let order: Uint32Array = new Uint32Array();
  for (let step = 0; step < steps; step++) {
    const place = step % perEpoch;
    if (place === 0)
      order = shuffledIndices(images.length, new Random(seed, streams.epochs + step / perEpoch));
    const chosen = Array.from(order.subarray(place * batch, (place + 1) * batch));
    bank.select(chosen.map((i) => images[i]!));
    engine.write(
      targets,
      Uint32Array.from(chosen, (i) => labelled.labels[i]!),
    );
    engine.write(counter, Uint32Array.of(seed, step));
    optimizer.prepare(step, warmupCosine(schedule, step));
    training.run();
    if (step % 2 === 1) await engine.gpu.idle();
    onProgress?.(step + 1, steps);
  }

  const evaluationBank = new ImageBank(engine, pixels, sourceSize, evaluationBatch);
  const evaluation = await engine.compile(
    () => {
      const still = { policy: presets.none, sourceSize, imageSize };
      const views = augment(evaluationBank.images, evaluationBank.indices, counter, still);
      return { logits: classify(encoder.forward(views)) };
    },
    { training: false },
  );
  const predicted = new Int32Array(queries.length);
  for (let start = 0; start < queries.length; start += evaluationBatch) {
    const rows = Math.min(evaluationBatch, queries.length - start);
    evaluationBank.select(
      Array.from({ length: evaluationBatch }, (_, i) => queries[start + Math.min(i, rows - 1)]!),
    );
    evaluation.run();
    const { logits } = await evaluation.read();
    for (let row = 0; row < rows; row++)
      predicted[start + row] = largest(logits.subarray(row * classes, (row + 1) * classes));
  }
  training.destroy();
  evaluation.destroy();
  return predicted;
}

/** The index of the first largest value. */
function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
