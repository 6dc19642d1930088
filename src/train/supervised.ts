import type { Engine } from '../autograd/engine.ts';
import { backward } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import { linear } from '../nn/layers.ts';
import { type ResNetOptions, resnet } from '../nn/resnet.ts';
import { augment } from '../ops/augment.ts';
import { softmaxCrossEntropy } from '../ops/softmax_cross_entropy.ts';
import { warmupCosine } from '../optim/schedule.ts';
import { sgd } from '../optim/sgd.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import { featureExtractor } from './features.ts';
import { ImageBank } from './image_bank.ts';
import { largestIndex } from './linear_algebra.ts';

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

  training.destroy();

  const classifier = { forward: (x: Tensor) => classify(encoder.forward(x)), featureSize: classes };
  const logitsOf = await featureExtractor(engine, classifier, { pixels, sourceSize, imageSize, batch: 64 });
  const logits = await logitsOf(queries);
  logitsOf.destroy();
  return Int32Array.from(queries, (_, row) =>
    largestIndex(logits.subarray(row * classes, (row + 1) * classes)),
  );
}
