// A loss of your own from ops that have gradients: the symmetric loss of CLIP (Radford et al. 2021, arXiv 2103.00020),
// which brings each image's embedding near that of its own text and away from the others'. Random vectors stand for both.
//   node examples/custom_loss.mjs [steps]
import {
  add,
  backward,
  cosineSimilarity,
  Engine,
  projectionHead,
  scale,
  sgd,
  softmaxCrossEntropy,
} from 'kindred';

const steps = Number(process.argv[2] ?? 100);
const [pairs, imageSize, textSize, width] = [16, 24, 12, 8];

const engine = await Engine.create();
const parameters = engine.parameters();
const context = { parameters, seed: 0 };
const embedImage = projectionHead(context, 'image', { sizes: [imageSize, 32, width], batchNorm: false });
const embedText = projectionHead(context, 'text', { sizes: [textSize, 32, width], batchNorm: false });
const optimizer = sgd(engine, parameters, { momentum: 0.9, weightDecay: 0 });

/** Similarities over a temperature are logits; the right answer of row i is column i. */
function clipLoss(images, texts, own) {
  const temperature = 0.2;
  const forth = softmaxCrossEntropy(cosineSimilarity(images, texts), own, { temperature });
  const back = softmaxCrossEntropy(cosineSimilarity(texts, images), own, { temperature });
  return { loss: add(scale(forth.loss, 0.5), scale(back.loss, 0.5)), metrics: forth.metrics };
}

let drawn = 0;
// sin n² is random enough, and the same in every run.
const next = () => Math.sin((drawn += 1) ** 2) / 2;
const noise = (rows, columns) =>
  engine.input([rows, columns], 'f32', Float32Array.from({ length: rows * columns }, next));
const [images, texts] = [noise(pairs, imageSize), noise(pairs, textSize)];
const own = engine.input(
  [pairs],
  'u32',
  Uint32Array.from({ length: pairs }, (_, i) => i),
);

const step = await engine.compile(() => {
  const { loss, metrics } = clipLoss(embedImage(images), embedText(texts), own);
  backward(loss);
  optimizer.update();
  return { loss, metrics };
});
for (let i = 0; i < steps; i++) {
  optimizer.prepare(i, 0.1);
  step.run();
  if (i % 10 > 0 && i < steps - 1) continue;
  const { loss, metrics } = await step.read();
  console.log(`step ${i}: loss ${loss[0].toFixed(3)}, paired right ${(100 * metrics[0]).toFixed(0)}%`);
}
engine.destroy();
