import { NoAdapterError, UserError } from '../errors.ts';
import { pageCache } from './browser_cache.ts';
import type { Files, GpuAccess, Platform } from './platform.ts';

const pageGpu: GpuAccess = {
  async requestAdapter() {
    if (!navigator.gpu) {
      throw new NoAdapterError(
        'This page has no WebGPU: use Chrome or Edge 113 or newer, over https or from localhost.',
      );
    }
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter) return adapter;
    throw new NoAdapterError('The browser offers no WebGPU adapter: chrome://gpu shows what it lacks.');
  },
  wait: (pending) => pending,
  freeMemory: () => undefined,
};

/** A page has no paths: whoever calls these gets told so instead of an undefined result. */
const pageFiles: Files = {
  stat: refuse,
  list: refuse,
  read: refuse,
  readSlice: refuse,
  openHdf5: refuse,
  writeAtomic: refuse,
  append: refuse,
  writeFolder: refuse,
  makeFolder: refuse,
  lock: refuse,
  join: (...parts) => parts.join('/'),
  decodeImage: refuse,
  decodeWhole: refuse,
  readSamples: refuse,
  imageSize: refuse,
  encodeJpeg: (pixels, width, height) =>
    encodeWithCanvas(pixels, width, height, { type: 'image/jpeg', quality: 0.8 }),
  encodePng: (pixels, width, height) => encodeWithCanvas(pixels, width, height, { type: 'image/png' }),
};

/** An image file's bytes from RGB ones, by the browser's own encoders. */
async function encodeWithCanvas(
  pixels: Uint8Array,
  width: number,
  height: number,
  format: ImageEncodeOptions,
): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(width, height);
  const image = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    image.data.set(pixels.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
    image.data[4 * pixel + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  const file = await canvas.convertToBlob(format);
  return new Uint8Array(await file.arrayBuffer());
}

function refuse(path: string): Promise<never> {
  return Promise.reject(
    new UserError(`A page cannot reach "${path}": it has no file system; hand it the bytes instead.`),
  );
}

/** See `Platform.shipped`: they lie beside the page's bundle. */
async function shipped(name: string): Promise<Uint8Array> {
  const place = new URL(`encoders/${name}`, import.meta.url);
  const response = await fetch(place).catch(() => undefined);
  if (response?.ok) return new Uint8Array(await response.arrayBuffer());
  throw new UserError(`"${place}" cannot be read: serve the folder encoders beside kindred's files.`);
}

/** A page: the browser's WebGPU, no files, a cache in IndexedDB. */
export const platform: Platform = {
  name: 'browser',
  gpu: pageGpu,
  files: pageFiles,
  cache: pageCache,
  shipped,
};
