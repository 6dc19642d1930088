import type { ImageStream } from '../../data/sources/image_stream.ts';
import { rangeOf } from '../../data/sources/range_words.ts';
import { type FeatureFile, readHead } from '../../encoder/classifier_head.ts';
import { readWeights, type Weights } from '../../encoder/encoder_weights.ts';
import { encodeFeatures } from '../../encoder/feature_matrix.ts';
import { encoderMetadata } from '../../encoder/metadata.ts';
import { encodeOnnx } from '../../encoder/onnx_model.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { Speed } from '../../label/pace.ts';
import { encoderOrigin, scanImages } from '../../label/scan/encoder_scan.ts';
import { reopenFeatureFile } from '../../label/scan/feature_file.ts';
import { rowsOf } from '../../label/scan/features.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import type { Files } from '../../platform/platform.ts';
import { defaultMethod } from '../../pretext/registry.ts';
import { openEngine } from '../engine.ts';
import { keptImages } from '../inputs/kept_images.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import { readGiven } from '../run/read_run.ts';
import type { ExportContext, ExportFormat } from './context.ts';
import { type HubSource, hubFolder } from './hub_folder.ts';

/** What can be made of a run's model, by the formats' names. */
export const modelFormats = {
  /** encoder.safetensors: torchvision's names and layouts. */
  async encoder({ job, run, folder }) {
    const { bytes, weights } = await readEncoder(job.files, run);
    await folder.write('encoder.safetensors', bytes);
    return `encoder.safetensors (${weights.tensors.size} tensors)`;
  },
  /** head.safetensors: `fc.weight` and `fc.bias` on raw features. */
  async head({ job, run, folder }) {
    const { bytes, head } = await readClassifier(job.files, run);
    await folder.write('head.safetensors', bytes);
    return `head.safetensors (${head.classes.length} classes)`;
  },
  /** model.onnx: from pixels to features, and to logits and probabilities where the run has a head. */
  async onnx({ job, run, folder }) {
    const { bytes, outputs } = await onnxOf(job.files, run, job.versions.kindred ?? 'unknown');
    await folder.write('model.onnx', bytes);
    return `model.onnx (${outputs})`;
  },
  /** features.safetensors: the features of every image of the run's data, with their paths. */
  async features(context) {
    const { bytes, count } = await featuresOf(context);
    await context.folder.write('features.safetensors', bytes);
    return `features.safetensors (${count} images)`;
  },
  /** hub/: the encoder as a folder of the hub's layout, with its recipe and a model card. */
  async hub({ job, run, data, folder }) {
    const { bytes, weights } = await readEncoder(job.files, run);
    const report = await readReport(job.files, run);
    const path = job.files.join(run, 'encoder.safetensors');
    const version = job.versions.kindred ?? 'unknown';
    const range = rangeOf(data.range);
    const sampleRange = range && ([range.low, range.high] as const);
    const made = hubFolder(
      { encoder: bytes, report, licence: weights.metadata.licence, sampleRange, version },
      path,
    );
    for (const [name, content] of made) await folder.write(`hub/${name}`, content);
    return `hub (${[...made.keys()].join(', ')})`;
  },
} satisfies Record<string, ExportFormat>;

/** What report.json of a run says; null where nothing was labelled. */
async function readReport(files: Files, run: string): Promise<HubSource['report']> {
  const path = files.join(run, 'report.json');
  if ((await files.stat(path))?.kind !== 'file') return null;
  return JSON.parse(new TextDecoder().decode(await files.read(path)));
}

async function readPart(
  files: Files,
  run: string,
  name: string,
  made: string,
): Promise<{ bytes: Uint8Array; path: string }> {
  const path = files.join(run, name);
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(
      sentence`${named('run', run)} holds no ${name}: name the folder of a run of ${made} that has ended`,
    );
  return { bytes: await files.read(path), path };
}

async function readEncoder(
  files: Files,
  run: string,
): Promise<{ bytes: Uint8Array; weights: Weights; imageSize: number }> {
  const file = await featureFileOf(files, run);
  if (file)
    throw new UserError(
      sentence`the labels of ${named('run', run)} rest on the features of ${file.path}, which another program made: there is no encoder to export`,
    );
  const { bytes, path } = await readPart(files, run, 'encoder.safetensors', 'train or pretrain');
  const weights = readWeights(bytes, path);
  const { imageSize } = weights;
  if (imageSize === undefined)
    throw new UserError(`${path} does not say its image size in its metadata: export from a run of kindred`);
  return { bytes, weights, imageSize };
}

async function readClassifier(files: Files, run: string) {
  const { bytes, path } = await readPart(files, run, 'head.safetensors', 'train');
  return { bytes, head: readHead(bytes, path) };
}

async function onnxOf(
  files: Files,
  run: string,
  version: string,
): Promise<{ bytes: Uint8Array; outputs: string }> {
  const { weights, imageSize } = await readEncoder(files, run);
  const hasHead = (await files.stat(files.join(run, 'head.safetensors'))) !== undefined;
  const head = hasHead ? (await readClassifier(files, run)).head : undefined;
  const columns = architectureOf(weights.encoder).featureSize;
  if (head && head.weight.length !== columns * head.classes.length) {
    throw new UserError(
      `head.safetensors in ${run} takes ${head.weight.length / head.classes.length} features but the encoder gives ${columns}: export from a run whose files belong together`,
    );
  }
  const bytes = encodeOnnx({ weights, head, imageSize, version });
  return { bytes, outputs: head ? 'features, logits, probabilities' : 'features' };
}

/** The file of features that a run's labels rest on; undefined where that is an encoder, or nothing was labelled. */
async function featureFileOf(files: Files, run: string): Promise<FeatureFile | undefined> {
  const head = files.join(run, 'head.safetensors');
  const isThere = (await files.stat(head))?.kind === 'file';
  return isThere ? readHead(await files.read(head), head).features?.file : undefined;
}

/** The features of a file, in the order of the run's images. */
async function storedFeatures(
  { files, reporter }: JobContext,
  file: FeatureFile,
  stream: ImageStream,
): Promise<{ bytes: Uint8Array; count: number }> {
  const { features, without, notes } = await reopenFeatureFile(files, file, stream);
  for (const note of notes) reporter.note(note);
  const unreadable = new Set(without);
  const images = Int32Array.from(stream.paths.keys()).filter((image) => !unreadable.has(image));
  const paths = Array.from(images, (image) => stream.paths[image]!);
  const about = { features: features.origin.name };
  return { bytes: encodeFeatures(rowsOf(features, images), paths, about), count: images.length };
}

async function featuresOf({
  job,
  run,
  data,
  imageSize: runSize,
  tuning,
}: ExportContext): Promise<{ bytes: Uint8Array; count: number }> {
  const file = await featureFileOf(job.files, run);
  const kept = keptImages(job, data, { earlier: (images) => readGiven(job.files, run, images) });
  if (file) return storedFeatures(job, file, await openRunImages(job.files, data, runSize, kept));
  const { weights, imageSize } = await readEncoder(job.files, run);
  const stream = await openRunImages(job.files, data, imageSize, kept);
  const engine = await openEngine(job, tuning);
  try {
    const onProgress = (done: number, total: number, speed: Speed) =>
      job.reporter.progress({ stage: 'features', done, total, ...speed });
    const origin = encoderOrigin('', weights, imageSize);
    const { census, features } = await scanImages(engine, origin, stream, { onProgress });
    const images = Int32Array.from(stream.paths.keys()).filter((image) => census.readable[image] === 1);
    const { metadata } = weights;
    const { method = defaultMethod } = metadata;
    const paths = Array.from(images, (image) => stream.paths[image]!);
    const about = encoderMetadata({ ...weights, imageSize, method });
    return { bytes: encodeFeatures(rowsOf(features, images), paths, about), count: images.length };
  } finally {
    engine.destroy();
  }
}
