import { platform } from '#platform';
import { encodeFeatures, encoderMetadata } from '../encoder/export_weights.ts';
import { encodeOnnx } from '../encoder/onnx_export.ts';
import { readHead, readWeights, type Weights } from '../encoder/read_weights.ts';
import { UserError } from '../errors.ts';
import type { Speed } from '../label/pace.ts';
import { encoderOrigin, scanImages } from '../label/scan/encoder_scan.ts';
import { rowsOf } from '../label/scan/features.ts';
import { terminal } from '../platform/node_terminal.ts';
import type { ExportContext, ExportFormat } from './export_context.ts';
import { describeStage, ProgressLine } from './progress.ts';
import { openRunImages } from './run_labels.ts';
import { openEngine } from './session.ts';

/** What can be made of a run's model, by the names that `--format` takes. */
export const modelFormats = {
  /** encoder.safetensors: torchvision's names and layouts. */
  async encoder({ run, folder }) {
    const { bytes, weights } = await readEncoder(run);
    await folder.write('encoder.safetensors', bytes);
    return `encoder.safetensors (${weights.tensors.size} tensors)`;
  },
  /** head.safetensors: `fc.weight` and `fc.bias` on raw features. */
  async head({ run, folder }) {
    const { bytes, head } = await readClassifier(run);
    await folder.write('head.safetensors', bytes);
    return `head.safetensors (${head.classes.length} classes)`;
  },
  /** model.onnx: from pixels to features, and to logits and probabilities where the run has a head. */
  async onnx({ run, folder }) {
    const { bytes, outputs } = await onnxOf(run);
    await folder.write('model.onnx', bytes);
    return `model.onnx (${outputs})`;
  },
  /** features.safetensors: the features of every image of the run's data, with their paths. */
  async features(context) {
    const { bytes, count } = await featuresOf(context);
    await context.folder.write('features.safetensors', bytes);
    return `features.safetensors (${count} images)`;
  },
} satisfies Record<string, ExportFormat>;

async function readPart(
  run: string,
  name: string,
  made: string,
): Promise<{ bytes: Uint8Array; path: string }> {
  const { files } = platform;
  const path = files.join(run, name);
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(`--run ${run} holds no ${name}: name the folder of a run of ${made} that has ended`);
  return { bytes: await files.read(path), path };
}

async function readEncoder(run: string): Promise<{ bytes: Uint8Array; weights: Weights; imageSize: number }> {
  const { bytes, path } = await readPart(run, 'encoder.safetensors', 'train or pretrain');
  const weights = readWeights(bytes, path);
  const { imageSize } = weights;
  if (imageSize === undefined)
    throw new UserError(`${path} does not say its image size in its metadata: export from a run of kindred`);
  return { bytes, weights, imageSize };
}

async function readClassifier(run: string) {
  const { bytes, path } = await readPart(run, 'head.safetensors', 'train');
  return { bytes, head: readHead(bytes, path) };
}

async function onnxOf(run: string): Promise<{ bytes: Uint8Array; outputs: string }> {
  const { weights, imageSize } = await readEncoder(run);
  const { files } = platform;
  const hasHead = (await files.stat(files.join(run, 'head.safetensors'))) !== undefined;
  const head = hasHead ? (await readClassifier(run)).head : undefined;
  const columns = 8 * weights.encoder.width;
  if (head && head.weight.length !== columns * head.classes.length) {
    throw new UserError(
      `head.safetensors in ${run} takes ${head.weight.length / head.classes.length} features but the encoder gives ${columns}: export from a run whose files belong together`,
    );
  }
  const bytes = encodeOnnx({ weights, head, imageSize, version: terminal.versions().kindred });
  return { bytes, outputs: head ? 'features, logits, probabilities' : 'features' };
}

async function featuresOf({
  run,
  data,
  tuning,
}: ExportContext): Promise<{ bytes: Uint8Array; count: number }> {
  const { weights, imageSize } = await readEncoder(run);
  const stream = await openRunImages(data, imageSize);
  const engine = await openEngine(tuning);
  try {
    const line = new ProgressLine();
    const onProgress = (done: number, total: number, speed: Speed) =>
      line.show(describeStage('features', done, total, speed));
    const origin = encoderOrigin('', weights, imageSize);
    const { census, features } = await scanImages(engine, origin, stream, { onProgress });
    const images = Int32Array.from(stream.paths.keys()).filter((image) => census.readable[image] === 1);
    const { encoder, normalise, metadata } = weights;
    const { method = 'simclr' } = metadata;
    const paths = Array.from(images, (image) => stream.paths[image]!);
    const about = encoderMetadata({ encoder, imageSize, method, normalise });
    return { bytes: encodeFeatures(rowsOf(features, images), paths, about), count: images.length };
  } finally {
    engine.destroy();
  }
}
