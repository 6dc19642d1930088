import { NoAdapterError, UserError } from '../errors.ts';
import { pageCache } from './browser_cache.ts';
import { pageHub } from './hub/page_hub.ts';
import { encodeJpegWithCanvas, encodePngWithCanvas } from './page/images/encode.ts';
import { pageImages } from './page/images/page_images.ts';
import { pageStorage } from './page/page_storage.ts';
import { joinPath } from './page/paths.ts';
import { pagePreferences } from './page/preferences.ts';
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

/** Whoever asks for these outside of `pageStorage` gets told so instead of an undefined result. */
const noFiles: Files = {
  stat: refuse,
  list: refuse,
  read: refuse,
  readSlice: refuse,
  openHdf5: refuse,
  writeAtomic: refuse,
  append: refuse,
  writeFolder: refuse,
  removeFile: refuse,
  makeFolder: refuse,
  lock: refuse,
  join: joinPath,
  decodeImage: refuse,
  decodeWhole: refuse,
  readSamples: refuse,
  imageSize: refuse,
  encodeJpeg: encodeJpegWithCanvas,
  encodePng: encodePngWithCanvas,
};

function refuse(path: string): Promise<never> {
  return Promise.reject(
    new UserError(
      `A page cannot reach "${path}": hand it the bytes instead, or open the page's own storage.`,
    ),
  );
}

/** See `Platform.shipped`: they lie beside the page's bundle. */
async function shipped(name: string): Promise<Uint8Array> {
  const place = new URL(`encoders/${name}`, import.meta.url);
  const response = await fetch(place).catch(() => undefined);
  if (response?.ok) return new Uint8Array(await response.arrayBuffer());
  throw new UserError(`"${place}" cannot be read: serve the folder encoders beside kindred's files.`);
}

/** A page: the browser's WebGPU, files in its own storage alone, a cache in IndexedDB, the hub without a token. */
export const platform: Platform = {
  name: 'browser',
  gpu: pageGpu,
  files: noFiles,
  cache: pageCache,
  shipped,
  hub: (files) => pageHub(files),
  pageStorage: pageStorage(pageImages),
  preferences: pagePreferences,
};
