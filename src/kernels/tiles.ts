import type { Capabilities } from '../gpu/device.ts';

/** Tile of a product kernel: lanes of a workgroup, rows of a lane, columns that the workgroup shares. */
export interface Tile {
  readonly lanes: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The tiles by driver, as measured. Lanes fill a software adapter's vector registers (8 floats) or a graphics card's
 * warps. On llvmpipe 8×8 was the best conv tile of those that compile within half a second; SwiftShader takes 20 s to
 * compile that one and half a second for 6×16, which is also its fastest. The graphics-card tile is not measured yet.
 */
const tiles: Readonly<Record<Capabilities['driver'], { readonly matmul: Tile; readonly conv2d: Tile }>> = {
  llvmpipe: { matmul: { lanes: 8, rows: 8, columns: 8 }, conv2d: { lanes: 8, rows: 8, columns: 8 } },
  swiftshader: { matmul: { lanes: 8, rows: 8, columns: 8 }, conv2d: { lanes: 8, rows: 6, columns: 16 } },
  gpu: { matmul: { lanes: 64, rows: 4, columns: 8 }, conv2d: { lanes: 64, rows: 4, columns: 8 } },
};

/**
 * Lanes of the product kernels that pass numbers round a subgroup, which must have as many. On software adapters they
 * fill a vector register, and the kernels reach two to four times the tiles above; on graphics cards they are not
 * measured yet.
 */
const lanes: Readonly<Record<Capabilities['driver'], number | undefined>> = {
  llvmpipe: 8,
  swiftshader: 4,
  gpu: undefined,
};

/** @returns undefined where the adapter's subgroups are too small for its driver's kernels, or there are none */
export function subgroupLanes({ driver, subgroupSize }: Capabilities): number | undefined {
  const count = lanes[driver];
  return count !== undefined && count <= subgroupSize ? count : undefined;
}

/**
 * Whether 3×3 convolutions whose lanes own runs of pixels are faster than those whose lanes own a place in four images:
 * by 1.1 to 1.3 on llvmpipe, where a load is dear; by 0.6 to 0.9 on SwiftShader.
 */
export const ownsRuns = ({ driver }: Capabilities): boolean => driver === 'llvmpipe';

/** Channels of a workgroup of those kernels: as many as its lanes' four, fewer where a convolution has fewer. */
export const subgroupChannels = (lanes: number, channels: number): number =>
  Math.min(4 * lanes, channels <= 8 ? 8 : channels <= 16 ? 16 : 32);

export const matmulTile = ({ driver }: Capabilities): Tile => tiles[driver].matmul;
export const conv2dTile = ({ driver }: Capabilities): Tile => tiles[driver].conv2d;
