// Trains an encoder without labels (SimCLR) on images that the program draws itself, and writes its weights as a file
// that torchvision's ResNet-18 of that width loads, too.
//   node examples/train_encoder.mjs [steps] [file]
import { writeFileSync } from 'node:fs';
import {
  Engine,
  encodeWeights,
  loadImages,
  openStream,
  PretextTrainer,
  platform,
  presets,
  warmupCosine,
} from 'kindred';

const steps = Number(process.argv[2] ?? 200);
const file = process.argv[3] ?? 'encoder.safetensors';
const [imageSize, batch, seed] = [16, 32, 0];
const encoder = { depth: 18, width: 8, stem: 'cifar' };

// A folder of images, `cifar10:DIR` and so on would do as well.
const stream = await openStream('demo', { files: platform.files, imageSize, limit: 500, testLimit: 0, seed });
const everything = Int32Array.from(stream.paths.keys());
const { pixels } = await loadImages(stream, everything);

const engine = await Engine.create();
const pretext = await PretextTrainer.create(
  engine,
  { pixels, size: stream.size },
  {
    method: 'simclr',
    encoder,
    projection: [64, 32],
    batch,
    imageSize,
    temperature: 0.2,
    policy: presets.demo,
    optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
    seed,
  },
);
const schedule = { peak: 0.06, warmupSteps: steps / 10, totalSteps: steps };
for (let step = 0; step < steps; step++) {
  const images = everything.map((_, i) => (step * batch + i) % everything.length).subarray(0, batch);
  pretext.step(images, step, warmupCosine(schedule, step));
  if (step % 10 === 9) console.log(`step ${step + 1}: loss ${(await pretext.loss()).toFixed(3)}`);
}
writeFileSync(
  file,
  encodeWeights(await pretext.encoderStore.read(), { encoder, imageSize, method: 'simclr' }),
);
console.log(`wrote ${file}`);
engine.destroy();
