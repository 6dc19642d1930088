// Images as the promise's bench sees them: features, thumbnails, hashes, the true class, a path. Drawn ones need no data.

const columns = 32;
const thumbnailPixels = 256;

/** @typedef {{ columns: number, features: Float32Array, thumbnails: Uint8Array, hashes: string[], paths: string[], truth: Int32Array, classes: string[] }} World */

/** A normal number (Box and Muller). */
export const normal = (random) =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/**
 * Classes of three clusters each, which overlap so that a classifier that knew them would be right on some nine of ten.
 * @returns {World}
 */
export function drawnWorld({ Random }, { images, classes, seed }) {
  const random = new Random(seed, 1);
  const centres = Array.from({ length: 3 * classes }, () =>
    Float32Array.from({ length: columns }, () => 0.9 * normal(random)),
  );
  const truth = Int32Array.from({ length: images }, () => random.integer(classes));
  const features = new Float32Array(images * columns);
  truth.forEach((label, image) => {
    const centre = centres[3 * label + random.integer(3)];
    for (let k = 0; k < columns; k++) features[image * columns + k] = centre[k] + normal(random);
  });
  return {
    columns,
    features,
    thumbnails: Uint8Array.from({ length: images * thumbnailPixels }, () => random.integer(256)),
    hashes: Array.from(truth, (_, image) => `${seed}-${image}`),
    paths: Array.from(truth, (_, image) => `${hexOf(random.word())}-${image}.png`),
    truth,
    classes: Array.from({ length: classes }, (_, label) => `class ${label}`),
  };
}

const hexOf = (word) => word.toString(16).padStart(8, '0');

/** Some images of a world, in this order; `change` may give each other features, thumbnail or path. @returns {World} */
export function chosenOf(world, images, change = () => {}) {
  const { columns } = world;
  const part = {
    ...world,
    features: new Float32Array(images.length * columns),
    thumbnails: new Uint8Array(images.length * thumbnailPixels),
    hashes: [],
    paths: [],
    truth: Int32Array.from(images, (image) => world.truth[image]),
  };
  images.forEach((image, at) => {
    const features = part.features.subarray(at * columns, (at + 1) * columns);
    const thumbnail = part.thumbnails.subarray(at * thumbnailPixels, (at + 1) * thumbnailPixels);
    features.set(world.features.subarray(image * columns, (image + 1) * columns));
    thumbnail.set(world.thumbnails.subarray(image * thumbnailPixels, (image + 1) * thumbnailPixels));
    const own = { features, thumbnail, path: world.paths[image], hash: world.hashes[image] };
    change(own, at, image);
    part.paths.push(own.path);
    part.hashes.push(own.hash);
  });
  return part;
}

/** The mean over the columns of their standard deviations. */
export function spreadOf({ features, columns }) {
  const count = features.length / columns;
  let sum = 0;
  for (let k = 0; k < columns; k++) {
    let [mean, square] = [0, 0];
    for (let at = k; at < features.length; at += columns) mean += features[at] / count;
    for (let at = k; at < features.length; at += columns) square += (features[at] - mean) ** 2 / count;
    sum += Math.sqrt(square) / columns;
  }
  return sum;
}
