// Inference as labelling does it: every image of a stream through an encoder, with hash and thumbnail. What is asked is
// whether memory and speed stay the same however many images there are.
//   node bench/label.mjs [--images 100000] [--width 4] [--image-size 16] [--batch 64] [--data demo] [--json]
// Where the set has fewer images, they come again. RSS is taken after a garbage collection.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { circumstances, loadKindred, mebibytes, options, percent, report } from './support.mjs';

const {
  images,
  width,
  'image-size': imageSize,
  batch,
  data,
  build,
  json,
} = options({ images: 100_000, width: 4, 'image-size': 16, batch: 64, data: 'demo' });
const {
  createEncoder,
  encoderOrigin,
  Engine,
  measureSpeed,
  multiplyAdds,
  openStream,
  pixelScale,
  platform,
  resnet,
  scanImages,
} = await loadKindred(build);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const engine = await Engine.create();
const speed = await measureSpeed(engine);
const set = await openStream(data, { files: platform.files, limit: images, testLimit: 0 });
const own = set.paths.length;
const numbers = Array.from({ length: images }, (_, i) => i);
const stream = {
  ...set,
  paths: numbers.map((i) => `${set.paths[i % own]} ${Math.floor(i / own)}`),
  partition: numbers.map((i) => set.partition[i % own]),
  labels: Int32Array.from(numbers, (i) => set.labels[i % own]),
  read: (chosen, target) =>
    set.read(
      chosen.map((i) => i % own),
      target,
    ),
};
const encoder = { depth: 18, width, stem: 'cifar' };
const parameters = engine.parameters();
createEncoder({ parameters, seed: 1 }, resnet(encoder));
const weights = { encoder, tensors: parameters.initial(), normalise: pixelScale };
const origin = encoderOrigin('bench', weights, imageSize);
parameters.destroy();

const marks = [];
const tenths = [0.1, 0.5, 0.9, 1].map((share) => ({ share, at: Math.floor(share * images) }));
// The clock starts with the second batch: the first waits for pipelines to compile.
let started;
let cpuBefore;
/** Of all threads, a software adapter's too: unlike the clock it hardly depends on what else the machine does. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
const { census, features } = await scanImages(engine, origin, stream, {
  batch,
  onProgress(done, total, { imagesPerSecond, secondsLeft }) {
    if (started === undefined) {
      started = performance.now();
      cpuBefore = cpuSeconds();
    }
    if (!json && process.stderr.isTTY) {
      const pace = `${Math.round(imagesPerSecond)} images/s, ${Math.round(secondsLeft)} s left`;
      process.stderr.write(`\r\x1b[2K${done} of ${total}: ${pace}`);
    }
    const { share, at } = tenths[marks.length];
    if (done < at) return;
    const seconds = (performance.now() - started) / 1000;
    collect();
    const { bytes: gpuBytes } = engine.gpu.allocated;
    marks.push({
      share,
      done,
      seconds,
      cpu: cpuSeconds() - cpuBefore,
      rss: process.memoryUsage().rss,
      gpuBytes,
    });
  },
});
const [tenth, half, ninth, last] = marks;
// What a scan keeps of one image: its features, its thumbnail, its hash (32 letters, a header and a pointer).
const kept = 4 * features.columns + census.thumbnails.length / images + 56;
const grown = (from, to) => to.rss - from.rss - kept * (to.done - from.done);
const rate = (from, to) => Math.round((to.done - from.done) / (to.seconds - from.seconds));
const cost = (from, to) => Math.round((1e6 * (to.cpu - from.cpu)) / (to.done - from.done));
const start = { done: batch, seconds: 0, cpu: 0 };
const flops = 2 * multiplyAdds(resnet(encoder), imageSize);
const row = {
  images,
  width,
  'image size': imageSize,
  batch,
  'images/s': rate(start, last),
  'of peak': percent((flops * (images - batch)) / last.seconds / speed.flops),
  'first tenth': rate(start, tenth),
  'last tenth': rate(ninth, last),
  'CPU µs an image, first tenth': cost(start, tenth),
  'last tenth’s': cost(ninth, last),
  'RSS MiB at 10%': mebibytes(tenth.rss),
  'at 50%': mebibytes(half.rss),
  'at 100%': mebibytes(last.rss),
  'results MiB, 10 to 100%': mebibytes(kept * (last.done - tenth.done)),
  'growth beyond them': mebibytes(grown(tenth, last)),
  'of it 50 to 100%': mebibytes(grown(half, last)),
  'GPU MiB at 10%': mebibytes(tenth.gpuBytes),
  'GPU MiB at 100%': mebibytes(last.gpuBytes),
};
if (!json && process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
report(json, circumstances(engine, speed), [row]);
engine.destroy();
