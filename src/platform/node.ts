import { nodeCache } from './node_cache.ts';
import { nodeGpu } from './node_driver.ts';
import { nodeFiles } from './node_files.ts';
import type { Platform } from './platform.ts';

/** Node: Dawn for WebGPU, the file system, sharp for decoding, a cache in the user's cache folder. */
export const platform: Platform = { name: 'node', gpu: nodeGpu, files: nodeFiles, cache: nodeCache };
