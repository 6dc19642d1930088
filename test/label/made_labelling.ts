import type { ImageStream } from '../../src/data/sources/image_stream.ts';
import type { LabellingInputs } from '../../src/label/inputs.ts';
import type { LabellingMethodName } from '../../src/label/methods/method_registry.ts';
import { labelImages } from '../../src/label/pipeline.ts';
import type { ImageCensus } from '../../src/label/scan/census.ts';
import type { Features } from '../../src/label/scan/features.ts';
import { knownStart } from '../../src/label/scan/start.ts';
import { chooseTask } from '../../src/label/task.ts';
import { Random } from '../../src/random.ts';

const columns = 8;
const side = 16;
/** The classes of made images. */
export const classes = ['cat', 'dog'];

/** Images with features and labels. */
export interface Made {
  readonly stream: ImageStream;
  readonly features: Features;
  readonly truth: Int32Array;
  readonly given: Int32Array;
  readonly groups?: LabellingInputs['groups'];
}

/**
 * Two classes, `originals` labelled images of each copied `copies` times, labelled too, and 40 images without a label, a
 * share of which is of class 0. Features tell the classes apart without an error; no encoder has made them.
 */
export function make(originals: number, copies: number, share = 0.5): Made {
  const random = new Random(5);
  const open = 40;
  const count = 2 * originals * copies + open;
  const truth = Int32Array.from({ length: count }, (_, image) =>
    image < count - open ? image % 2 : image - (count - open) < share * open ? 0 : 1,
  );
  const original = (image: number) => (image < count - open ? image % (2 * originals) : image);
  const noise = Float32Array.from({ length: count * columns }, () => random.next() - 0.5);
  const values = Float32Array.from({ length: count * columns }, (_, at) => {
    const [image, k] = [Math.floor(at / columns), at % columns];
    return noise[original(image) * columns + k]! + (k === truth[image] ? 3 : 0);
  });
  const imageBytes = 3 * side * side;
  const pixels = Uint8Array.from({ length: count * imageBytes }, () => random.integer(256));
  const stream: ImageStream = {
    name: 'made',
    description: 'made',
    size: side,
    paths: Array.from(truth, (_, image) => `${image}.png`),
    partition: Array.from(truth, () => 'train'),
    labels: truth,
    classes,
    unreadable: [],
    omitted: [],
    async read(images, target) {
      images.forEach((image, at) => {
        const start = original(image) * imageBytes;
        target.set(pixels.subarray(start, start + imageBytes), at * imageBytes);
      });
      return [];
    },
    resized: () => stream,
  };
  const features = { values, columns, origin: { name: 'features.npy' } };
  return { stream, features, truth, given: truth.map((label, image) => (image < count - open ? label : -1)) };
}

/** Labels made images from their features alone: with no engine, no pixels in memory and no encoder. */
export async function label(
  { stream, features, truth, given, groups }: Made,
  methods: readonly LabellingMethodName[] = ['probe'],
  census?: ImageCensus,
  seed = 0,
) {
  const stages: string[] = [];
  const inputs: LabellingInputs = {
    stream,
    task: chooseTask({ classes: stream.classes, labels: truth }, { given, seed: 0 }),
    groups,
    starts: [knownStart(features, census)],
    settings: { methods, folds: 5, targetError: 0.05, budget: 5, seed },
    onStage: (stage) => stages.push(stage),
    training: null,
    provenance: { command: [], seed: 0, versions: {}, adapter: 'none' },
  };
  return { ...(await labelImages(inputs)), stages: new Set(stages) };
}
