import { takeDevices } from './devices/take_devices.ts';
import { nodeHub } from './hub/node_hub.ts';
import { openRanks } from './mpi/open_ranks.ts';
import { nodeCache } from './node_cache.ts';
import { nodeGpu } from './node_driver.ts';
import { nodeFiles } from './node_files.ts';
import { packageRoot } from './node_package.ts';
import type { Platform } from './platform.ts';

/** See `Platform.shipped`. */
const shipped = (name: string): Promise<Uint8Array> =>
  nodeFiles.read(nodeFiles.join(packageRoot(), 'encoders', name));

/** Node: Dawn for WebGPU, the file system, sharp for decoding, a cache in the user's cache folder, the hub with the cache that Python's programs share. */
export const platform: Platform = {
  name: 'node',
  gpu: nodeGpu,
  files: nodeFiles,
  cache: nodeCache,
  shipped,
  hub: () => nodeHub(),
  ranks: openRanks,
  takeDevices,
};
