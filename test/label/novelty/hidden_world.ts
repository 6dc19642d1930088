import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { Random } from '../../../src/random.ts';
import type { Made } from '../made_labelling.ts';

const columns = 12;
const side = 16;
const names = ['cat', 'dog', 'horse'];

const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/**
 * Images of three classes, of two of which 40 each are labelled; `hidden` images are of the third. Features are of unit
 * variance around class centres, on two of whose columns an image of the third class looks like a cat.
 */
export function hiddenWorld(hidden: number, seed = 1): Made & { readonly world: readonly string[] } {
  const random = new Random(seed, 1);
  const [each, labelled] = [125, 40];
  const count = 2 * each + hidden;
  const world = Int32Array.from({ length: count }, (_, image) => (image < 2 * each ? image % 2 : 2));
  const centres = [
    [6, 0, 0],
    [0, 6, 0],
    [4, 0, 5],
  ];
  const values = Float32Array.from({ length: count * columns }, (_, at) => {
    const [image, k] = [Math.floor(at / columns), at % columns];
    return (centres[world[image]!]![k] ?? 0) + 0.8 * normal(random);
  });
  const imageBytes = 3 * side * side;
  const pixels = Uint8Array.from({ length: count * imageBytes }, () => random.integer(256));
  const truth = world.map((label) => (label === 2 ? -1 : label));
  const stream: ImageStream = {
    name: 'made',
    description: 'made',
    size: side,
    paths: Array.from(world, (_, image) => `${image}.png`),
    partition: Array.from(world, () => 'train'),
    labels: truth,
    classes: ['cat', 'dog'],
    unreadable: [],
    omitted: [],
    async read(images, target) {
      images.forEach((image, at) => {
        target.set(pixels.subarray(image * imageBytes, (image + 1) * imageBytes), at * imageBytes);
      });
      return [];
    },
    resized: () => stream,
  };
  return {
    stream,
    features: { values, columns, origin: { name: 'features.npy' } },
    truth,
    given: world.map((label, image) => (label < 2 && image < 2 * labelled ? label : -1)),
    world: Array.from(world, (label) => names[label]!),
  };
}
