// Trains the base encoder that is shipped with kindred: a narrow ResNet-18 on all training images of CIFAR-10 and of
// the CIFAR-100 at hand, by their labels and, where asked, SupCon or NT-Xent of two views. Images grow from stage to
// stage, since a pass at 16 pixels costs a quarter of one at 32. Prints figures on the held-out images.
//   node bench/base_encoder/train.mjs --cifar10 DIR --cifar100 DIR --out DIR [--schedule 16x4,24x3,32x2 --resume]
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKindred, options } from '../support.mjs';

const settings = options({
  cifar10: '',
  cifar100: '',
  out: '',
  /** Sides in pixels and how many epochs at each. */
  schedule: '16x4,24x3,32x2',
  width: 16,
  batch: 128,
  rate: 0.1,
  weightDecay: 5e-4,
  /** Weights of the losses beside the labels' cross-entropy; above 0 each image has two views. */
  supcon: 0,
  simclr: 0,
  labels: 1,
  temperature: 0.2,
  /** How often an epoch shows each image of CIFAR-100, whose classes are small. */
  repeat: 2,
  seed: 1,
  /** A safetensors file to start the encoder from; `resume` goes on with the checkpoint in `out`. */
  from: '',
  resume: 0,
});
if (!settings.cifar10 || !settings.cifar100 || !settings.out)
  throw new Error('give --cifar10 DIR, --cifar100 DIR and --out DIR');
const k = await loadKindred(settings.build);
const { width, batch, seed } = settings;
const stages = settings.schedule.split(',').map((stage) => {
  const [side, epochs] = stage.split('x').map(Number);
  return { side, epochs };
});

/** Images, and labels counted from `first`, of one partition of a set. */
async function load(spec, partition, first) {
  const stream = await k.openStream(spec, { files: k.platform.files, imageSize: 32 });
  const images = Int32Array.from(stream.partition.keys()).filter((i) => stream.partition[i] === partition);
  const { pixels } = await k.loadImages(stream, images);
  const { labels, classes } = stream;
  return { pixels, labels: Uint32Array.from(images, (i) => first + labels[i]), classes: classes.length };
}
const sets = [
  {
    train: await load(`cifar10:${settings.cifar10}`, 'train', 0),
    test: await load(`cifar10:${settings.cifar10}`, 'test', 0),
  },
];
const first = sets[0].train.classes;
sets.push({
  train: await load(`cifar100:${settings.cifar100}`, 'train', first),
  test: await load(`cifar100:${settings.cifar100}`, 'test', first),
});
const classes = first + sets[1].train.classes;
const imageBytes = 3 * 32 * 32;
/** [set, image] of everything that an epoch shows. */
const shown = [
  ...Array.from(sets[0].train.labels, (_, i) => [0, i]),
  ...Array.from({ length: settings.repeat }, () => Array.from(sets[1].train.labels, (_, i) => [1, i])).flat(),
];
const stepsAnEpoch = Math.floor(shown.length / batch);
const totalSteps = stages.reduce((sum, { epochs }) => sum + Math.round(epochs * stepsAnEpoch), 0);

const engine = await k.Engine.create();
const architecture = { depth: 18, width, stem: 'cifar' };
const parameters = engine.parameters();
const encoder = k.createEncoder({ parameters, seed }, k.architectureOf(architecture));
const classify = k.linear({ parameters, seed }, 'fc', {
  inputs: encoder.featureSize,
  outputs: classes,
  bias: true,
});
const contrastive = settings.supcon > 0 || settings.simclr > 0;
const project = contrastive
  ? k.projectionHead({ parameters, seed }, 'projector', {
      sizes: [encoder.featureSize, encoder.featureSize, 128],
      batchNorm: true,
    })
  : undefined;
const optimizer = k.sgd(engine, parameters, {
  momentum: 0.9,
  weightDecay: settings.weightDecay,
  nesterov: true,
});
const views = contrastive ? 2 : 1;
const policy = k.resolvePolicy(
  {
    name: 'base',
    // Few epochs fit weak changes better than the strong ones of contrastive learning.
    crop: { scale: [0.35, 1], ratio: [3 / 4, 4 / 3] },
    flip: 0.5,
    jitter: { probability: 0.5, brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.05 },
    greyscale: 0.05,
  },
  'the policy',
);
const images = k.uploadImages(engine, new Uint8Array(batch * imageBytes));
const indices = engine.input(
  [batch],
  'u32',
  Uint32Array.from({ length: batch }, (_, i) => i),
);
const counter = engine.input([2], 'u32');
const targets = engine.input([views * batch], 'u32');

/** Trains a step on images of this side. */
const training = (side) =>
  engine.compile(() => {
    const features = encoder.forward(
      k.augment(images, indices, counter, { policy, sourceSize: 32, imageSize: side, views }),
    );
    const supervised = k.softmaxCrossEntropy(classify(features), targets);
    let loss = k.scale(supervised.loss, settings.labels);
    const rows = project?.(features);
    const { temperature } = settings;
    if (settings.supcon > 0)
      loss = k.add(loss, k.scale(k.supCon(rows, targets, { temperature }).loss, settings.supcon));
    if (settings.simclr > 0)
      loss = k.add(loss, k.scale(k.ntXent(rows, { temperature }).loss, settings.simclr));
    k.backward(loss);
    optimizer.update();
    return { loss, metrics: supervised.metrics };
  });

/** Share of the held-out images that the own classifier names rightly, of each set among its own classes. */
async function evaluate(side) {
  const program = await engine.compile(
    () => ({
      logits: classify(
        encoder.forward(
          k.augment(images, indices, counter, { policy: k.presets.none, sourceSize: 32, imageSize: side }),
        ),
      ),
    }),
    { training: false },
  );
  const shares = [];
  for (const [which, { test }] of sets.entries()) {
    const [from, to] = which === 0 ? [0, first] : [first, classes];
    let right = 0;
    const count = Math.min(test.labels.length, 2000);
    for (let start = 0; start < count; start += batch) {
      engine.write(
        images,
        new Uint32Array(padded(test.pixels.slice(start * imageBytes, (start + batch) * imageBytes))),
      );
      program.run();
      const { logits } = await program.read();
      for (let i = start; i < Math.min(start + batch, count); i++) {
        const row = logits.subarray((i - start) * classes, (i - start + 1) * classes);
        let best = from;
        for (let c = from; c < to; c++) if (row[c] > row[best]) best = c;
        if (best === test.labels[i]) right++;
      }
    }
    shares.push(right / count);
  }
  program.destroy();
  return shares;
}
const padded = (bytes) => {
  const all = new Uint8Array(batch * imageBytes);
  all.set(bytes);
  return all.buffer;
};

mkdirSync(settings.out, { recursive: true });
const checkpointFile = join(settings.out, 'checkpoint.safetensors');
const f32 = (data) => ({ dtype: 'F32', shape: [data.length], data });
async function save(step) {
  const tensors = new Map();
  for (const [name, data] of await parameters.read()) tensors.set(name, f32(data));
  const [momenta] = await engine.read(optimizer.state.get('momenta'));
  tensors.set('optimizer.momenta', f32(momenta));
  writeFileSync(`${checkpointFile}.new`, k.encodeSafetensors(tensors, { step: String(step) }));
  renameSync(`${checkpointFile}.new`, checkpointFile);
}

/** The encoder alone, in half width. */
async function pack() {
  const notes = { encoder: architecture, imageSize: 32, method: 'base', normalise: k.pixelScale };
  const whole = k.decodeSafetensors(k.encodeWeights(await parameters.read(), notes), 'the encoder');
  const halves = new Map();
  for (const [name, { shape, data, dtype }] of whole.tensors)
    if (dtype === 'F32') halves.set(name, { dtype: 'F16', shape, data: k.toHalves(data) });
  const bytes = k.encodeSafetensors(halves, whole.metadata);
  writeFileSync(join(settings.out, 'model.safetensors'), bytes);
  console.log(`model.safetensors: ${bytes.length} bytes`);
}

let done = 0;
if (settings.resume && existsSync(checkpointFile)) {
  const { tensors, metadata } = k.decodeSafetensors(
    new Uint8Array(readFileSync(checkpointFile)),
    checkpointFile,
  );
  // Momenta have their place once the parameters have.
  parameters.place();
  for (const [name, { data }] of tensors) {
    if (name === 'optimizer.momenta') engine.write(optimizer.state.get('momenta'), data);
    else parameters.write(name, data);
  }
  done = Number(metadata.step);
} else if (settings.from) {
  const { tensors } = k.readWeights(new Uint8Array(readFileSync(settings.from)), settings.from);
  parameters.place();
  for (const [name, data] of tensors) parameters.write(name, data);
}
const schedule = { peak: settings.rate, warmupSteps: Math.ceil(totalSteps / 20), totalSteps };
const started = performance.now();
let behind = 0;
let order = [];
for (const { side, epochs } of stages) {
  const steps = Math.round(epochs * stepsAnEpoch);
  behind += steps;
  if (done >= behind) continue;
  const program = await training(side);
  const sums = { loss: 0, right: 0, steps: 0 };
  while (done < behind) {
    // An epoch's order follows from the seed and its number, so that a resumed training meets the same batches.
    const at = done % stepsAnEpoch;
    if (at === 0 || order.length === 0)
      order = shuffled(shown, seed + 1000 * Math.floor(done / stepsAnEpoch));
    const pixels = new Uint8Array(batch * imageBytes);
    const labels = new Uint32Array(views * batch);
    for (let i = 0; i < batch; i++) {
      const [which, image] = order[at * batch + i];
      const { train } = sets[which];
      pixels.set(train.pixels.subarray(image * imageBytes, (image + 1) * imageBytes), i * imageBytes);
      for (let view = 0; view < views; view++) labels[view * batch + i] = train.labels[image];
    }
    engine.write(images, new Uint32Array(pixels.buffer));
    engine.write(targets, labels);
    engine.write(counter, Uint32Array.of(seed, done));
    optimizer.prepare(done, k.warmupCosine(schedule, done));
    program.run();
    done++;
    const { loss, metrics } = await program.read();
    sums.loss += loss[0];
    sums.right += metrics[0];
    sums.steps++;
    if (done % 100 > 0 && done < behind) continue;
    const seconds = (performance.now() - started) / 1e3;
    console.log(
      `${side} px, step ${done} of ${totalSteps}: loss ${(sums.loss / sums.steps).toFixed(3)}, right ${((100 * sums.right) / sums.steps).toFixed(1)}%, ${Math.round(seconds)} s`,
    );
    Object.assign(sums, { loss: 0, right: 0, steps: 0 });
    if (done % 300 === 0 || done === behind) await save(done);
    if (done % stepsAnEpoch < 100 || done === behind) {
      const [ten, hundred] = await evaluate(side);
      console.log(
        `  held out at ${side} px: CIFAR-10 ${(100 * ten).toFixed(1)}%, CIFAR-100 ${(100 * hundred).toFixed(1)}%`,
      );
    }
  }
  program.destroy();
}
await pack();
engine.destroy();

/** The list in an order that follows from the number (mulberry32 and Fisher–Yates). */
function shuffled(list, number) {
  let state = number >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}
