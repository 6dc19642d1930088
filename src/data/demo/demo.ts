import { named, sentence, UserError } from '../../errors.ts';
import { Random, streams } from '../../random.ts';
import { createPillowResizer, type PillowResizer } from '../resize/pillow_resizer.ts';
import type { ImageStream, OpenOptions } from '../sources/image_stream.ts';
import { drawFigure, type Kind } from './demo_figure.ts';
import * as shapes from './demo_shapes.ts';
import * as textures from './demo_textures.ts';

/** Six classes that differ in outline, and look alike under a mirror, a small turn and any colour. */
const kinds: readonly Kind[] = [
  { name: 'ring', shape: shapes.ring, texture: textures.solid, period: 1 },
  { name: 'cross', shape: shapes.cross, texture: textures.solid, period: 1 },
  { name: 'star', shape: shapes.star, texture: textures.solid, period: 1 },
  { name: 'zigzag', shape: shapes.zigzag, texture: textures.solid, period: 1 },
  { name: 'crescent', shape: shapes.crescent, texture: textures.solid, period: 1 },
  { name: 'dotted triangle', shape: shapes.triangle, texture: textures.dots, period: 0.5 },
];

const defaultSize = 32;
/** All encoders pass over all of them, on the slowest processor too. */
const defaultLimit = 1200;
const defaultTestLimit = 300;
/** As many images as there are classes hold each once, in an order that shifts, so that evenly spaced images are of many classes. */
const kindOf = (i: number): number => (i + 5 * Math.floor(i / kinds.length)) % kinds.length;
/** Each part has a stream of random numbers an image, and room for so many. */
const mostImages = 1 << 20;

/**
 * `demo`: images that the program draws itself, so that a first run needs no file. Image i of a part depends on the
 * seed and i alone, not on how many are drawn; classes take turns.
 * @throws UserError for sizes that cannot be drawn
 */
export function streamDemo(options: OpenOptions): ImageStream {
  const { imageSize: size = defaultSize, seed = 0, limit = defaultLimit } = options;
  const testLimit = options.testLimit ?? Math.min(limit, defaultTestLimit);
  if (size < 8)
    throw new UserError(
      sentence`${named('imageSize', size)} is too small for the demo's figures: give 8 or more`,
    );
  if (limit > mostImages || testLimit > mostImages) {
    throw new UserError(
      sentence`the demo draws at most ${mostImages} images: lower ${named('limit')} or ${named('testLimit')}`,
    );
  }
  const places = Array.from({ length: limit + testLimit }, (_, at) =>
    at < limit ? ({ part: 'train', i: at } as const) : ({ part: 'test', i: at - limit } as const),
  );
  return {
    name: 'demo',
    description: `demo: ${limit} training and ${testLimit} test images of ${kinds.length} classes, drawn from seed ${seed}`,
    classes: kinds.map((kind) => kind.name),
    labels: Int32Array.from(places, ({ i }) => kindOf(i)),
    size,
    paths: places.map(({ part, i }) => `demo/${part}/${String(i).padStart(5, '0')}`),
    partition: places.map(({ part }) => part),
    unreadable: [],
    omitted: [],
    async read(images, target, onRead) {
      images.forEach((image, at) => {
        const { part, i } = places[image]!;
        const random = new Random(seed, (part === 'train' ? streams.demoTrain : streams.demoTest) + i);
        drawFigure(target, at * 3 * size * size, size, kinds[kindOf(i)]!, random);
        if (at % 100 === 99 || at === images.length - 1) onRead?.((at % 100) + 1);
      });
      return [];
    },
    resized: (side, resize) => {
      const stream = streamDemo({ ...options, imageSize: resize ? size : side });
      return resize ? shownAt(stream, side, createPillowResizer(size, size, side, resize)) : stream;
    },
  };
}

/** The images of a stream as they are drawn there, each brought to another square. */
function shownAt(stream: ImageStream, side: number, toSquare: PillowResizer): ImageStream {
  const drawn = new Uint8Array(3 * stream.size ** 2);
  const bytes = 3 * side * side;
  return {
    ...stream,
    size: side,
    async read(images, target, onRead) {
      for (let at = 0; at < images.length; at++) {
        await stream.read(images.subarray(at, at + 1), drawn, onRead);
        toSquare(drawn, target.subarray(at * bytes, (at + 1) * bytes));
      }
      return [];
    },
  };
}
