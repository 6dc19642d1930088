import { NoAdapterError, UserError } from '../errors.ts';
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
};

/** A page has no paths: whoever calls these gets told so instead of an undefined result. */
const pageFiles: Files = {
  stat: refuse,
  list: refuse,
  read: refuse,
  readSlice: refuse,
  writeAtomic: refuse,
  append: refuse,
  makeFolder: refuse,
  join: (...parts) => parts.join('/'),
  decodeImage: refuse,
};

function refuse(path: string): Promise<never> {
  return Promise.reject(
    new UserError(`A page cannot reach "${path}": it has no file system; hand it the bytes instead.`),
  );
}

/** A page: the browser's WebGPU, and no files. */
export const platform: Platform = { name: 'browser', gpu: pageGpu, files: pageFiles };
