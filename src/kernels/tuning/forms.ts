import type { Capabilities } from '../../gpu/device.ts';
import type { MatrixVariant, StagedVariant } from './variant.ts';

/** The forms of one driver; of each list the first is the default. */
interface Forms {
  /**
   * Lanes of the kernels that pass numbers round a subgroup, which must have as many: of these the two largest. On
   * software adapters they fill a vector register, and the kernels reach two to four times what tiles do.
   */
  readonly lanes: readonly number[];
  /** Whether the kernels that pass numbers round a subgroup run by default where they can. */
  readonly prefersSubgroups: boolean;
  /**
   * Whether 3×3 convolutions whose lanes own runs of pixels go before those whose lanes own a place in four images:
   * they are faster by 1.1 to 1.3 on llvmpipe, where a load is dear, and by 0.6 to 0.9 on SwiftShader.
   */
  readonly prefersRuns: boolean;
  /**
   * Whether products that pass numbers round a subgroup one k at a time run, and go first: they are faster by 1.1 to 1.4
   * on llvmpipe, which is bound by decoding long loops, and half as fast on SwiftShader.
   */
  readonly prefersLines: boolean;
  /** Channels that a workgroup shares, of convolutions that pass numbers round a subgroup. */
  readonly channels: readonly number[];
  /** Tiles of matrix products: lanes × rows of a lane × columns of the workgroup. */
  readonly matmul: readonly Tile[];
  /** Tiles of convolutions: lanes × pixels of a lane × channels of the workgroup. */
  readonly conv2d: readonly Tile[];
  /** Tiles of weight gradients: lanes × output channels of a workgroup. */
  readonly weightGradient: readonly (readonly [lanes: number, outputs: number])[];
  /** A product with fewer workgroups than these is cut along its sum, to occupy the device. */
  readonly workgroups: number;
}

/** A tile's sides. */
export type Tile = readonly [lanes: number, rows: number, columns: number];

/** Tiles that fill a graphics card's warps. */
const warps: readonly Tile[] = [
  [64, 4, 8],
  [64, 4, 4],
  [64, 8, 8],
  [32, 8, 8],
  [128, 4, 8],
  [64, 2, 16],
];

/** Tiles of weight gradients on processors. */
const narrow: Forms['weightGradient'] = [
  [8, 16],
  [8, 8],
];

/**
 * What can run, by driver. On llvmpipe 8×8 was the best convolution tile of those that compile within half a second;
 * SwiftShader takes 20 s to compile that one and half a second for 6×16, which is also its fastest. On llvmpipe 64
 * workgroups in place of 16 made weight gradients of small layers 1.1 to 1.6 times as slow: each partial result costs.
 * On a graphics card, where nothing is measured beforehand, tiles fill its warps and the search finds the rest.
 */
export const forms: Readonly<Record<Capabilities['driver'], Forms>> = {
  llvmpipe: {
    lanes: [8],
    prefersSubgroups: true,
    prefersRuns: true,
    prefersLines: true,
    channels: [8, 16, 32],
    matmul: [
      [8, 8, 8],
      [8, 4, 8],
      [8, 12, 8],
    ],
    conv2d: [
      [8, 8, 8],
      [8, 4, 8],
      [8, 8, 4],
    ],
    weightGradient: narrow,
    workgroups: 16,
  },
  swiftshader: {
    lanes: [4],
    prefersSubgroups: true,
    prefersRuns: false,
    prefersLines: false,
    channels: [8, 16],
    matmul: [
      [8, 8, 8],
      [8, 4, 8],
    ],
    conv2d: [
      [8, 6, 16],
      [8, 4, 8],
    ],
    weightGradient: narrow,
    workgroups: 16,
  },
  gpu: {
    lanes: [8, 16, 32],
    prefersSubgroups: false,
    prefersRuns: false,
    prefersLines: false,
    channels: [8, 16, 32, 64],
    matmul: warps,
    conv2d: warps,
    weightGradient: [
      [64, 16],
      [64, 8],
      [32, 16],
      [32, 8],
    ],
    workgroups: 64,
  },
};
/** Into how many parts a long sum is cut, beside the default by rule. */
export const sliceCounts: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/**
 * Tiles of matrix units, for those adapters whose workgroups have the memory. They run only where the search found them
 * right and fastest, and are no driver's default.
 */
export const matrices: readonly MatrixVariant[] = [
  { form: 'matrix', rows: 2, columns: 2, subgroupRows: 2, subgroupColumns: 2, depth: 32 },
  { form: 'matrix', rows: 4, columns: 2, subgroupRows: 2, subgroupColumns: 2, depth: 32 },
  { form: 'matrix', rows: 4, columns: 4, subgroupRows: 2, subgroupColumns: 2, depth: 32 },
  { form: 'matrix', rows: 2, columns: 2, subgroupRows: 4, subgroupColumns: 2, depth: 32 },
];

/**
 * Tiles of graphics cards, which reuse a number by workgroup memory where a processor has its cache: lanes along rows
 * and columns, rows and columns of a lane in whole fours, depth. Each panel is a whole number of vec4f for every lane.
 * They run only where the search found them right and fastest.
 */
export const staged: readonly StagedVariant[] = [
  { form: 'staged', laneRows: 16, laneColumns: 16, rows: 4, columns: 4, depth: 16 },
  { form: 'staged', laneRows: 16, laneColumns: 16, rows: 8, columns: 8, depth: 8 },
  { form: 'staged', laneRows: 16, laneColumns: 16, rows: 8, columns: 8, depth: 16 },
  { form: 'staged', laneRows: 16, laneColumns: 8, rows: 8, columns: 8, depth: 8 },
  { form: 'staged', laneRows: 8, laneColumns: 8, rows: 8, columns: 8, depth: 8 },
  { form: 'staged', laneRows: 8, laneColumns: 8, rows: 4, columns: 4, depth: 16 },
];

/** Sizes of the kernels whose lanes own or share runs of pixels. */
export const runs = {
  /** Channels of a convolution's workgroup. */
  conv2d: [16, 8],
  /**
   * Output channels of a weight gradient's workgroup, with the pixels of a run: as many sums as a lane's registers and
   * their spilling allow.
   */
  weightGradient: [
    [8, 8],
    [16, 8],
    [32, 4],
  ],
} as const;

/** All that variants are made from: where it changes, what was measured before holds no more. */
export const variantTable: string = JSON.stringify([forms, sliceCounts, matrices, staged, runs]);
