import type { Capabilities } from '../../gpu/device.ts';
import type { MatrixUnits } from '../../gpu/matrix_units.ts';
import type {
  LinesVariant,
  MatrixVariant,
  RunsVariant,
  StagedVariant,
  SubgroupVariant,
  TileVariant,
} from './variant.ts';

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

type Tile = readonly [lanes: number, rows: number, columns: number];

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
const forms: Readonly<Record<Capabilities['driver'], Forms>> = {
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

/** Workgroups that occupy an adapter: a product with fewer is cut along its sum. */
export const enoughWorkgroups = ({ driver }: Capabilities): number => forms[driver].workgroups;

/** Into how many parts a long sum is cut, beside the default by rule. */
export const sliceCounts: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];

/**
 * Tiles of matrix units, for those adapters whose workgroups have the memory. They run only where the search found them
 * right and fastest, and are no driver's default.
 */
const matrices: readonly MatrixVariant[] = [
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
const staged: readonly StagedVariant[] = [
  { form: 'staged', laneRows: 16, laneColumns: 16, rows: 4, columns: 4, depth: 16 },
  { form: 'staged', laneRows: 16, laneColumns: 16, rows: 8, columns: 8, depth: 8 },
  { form: 'staged', laneRows: 16, laneColumns: 16, rows: 8, columns: 8, depth: 16 },
  { form: 'staged', laneRows: 16, laneColumns: 8, rows: 8, columns: 8, depth: 8 },
  { form: 'staged', laneRows: 8, laneColumns: 8, rows: 8, columns: 8, depth: 8 },
  { form: 'staged', laneRows: 8, laneColumns: 8, rows: 4, columns: 4, depth: 16 },
];

/** Sizes of the kernels whose lanes own or share runs of pixels. */
const runs = {
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

/** Forms of a product of f16 images with whole vec4 channels; none where the adapter has no matrix units. */
export function matrixForms({ matrixUnits, workgroupBytes }: Capabilities): readonly MatrixVariant[] {
  if (!matrixUnits) return [];
  return matrices.filter(
    (form) => panelBytes(form, matrixUnits) <= workgroupBytes && form.depth % matrixUnits.k === 0,
  );
}

/** Elements by which a staged line is longer than its numbers, as in lib/matrix_tile.wgsl. */
const pad = 8;

/** Bytes of workgroup memory: the panels, in f16, and one matrix of results a subgroup. */
function panelBytes(form: MatrixVariant, units: MatrixUnits): number {
  const { rows, columns, subgroupRows, subgroupColumns, depth } = form;
  const panel = (side: number) => Math.max(side * (depth + pad), depth * (side + pad));
  const panels = panel(units.m * rows * subgroupRows) + panel(units.n * columns * subgroupColumns);
  return 2 * panels + 4 * units.m * units.n * subgroupRows * subgroupColumns;
}

/** Forms of a product of any sizes that stage f32 panels; none on software adapters. */
export function stagedForms({ driver, workgroupBytes }: Capabilities): readonly StagedVariant[] {
  if (driver !== 'gpu') return [];
  return staged.filter((form) => {
    const { height, width } = stagedTile(form);
    // A line of a panel has a vec4f more, as in lib/staged_tile.wgsl.
    return 4 * form.depth * (height + 4 + width + 4) <= workgroupBytes;
  });
}

/** Sides of a workgroup's tile, and what the kernels must know of it. */
export function stagedTile({ laneRows, laneColumns, rows, columns, depth }: StagedVariant) {
  return {
    height: laneRows * rows,
    width: laneColumns * columns,
    constants: { LANE_ROWS: laneRows, LANE_COLUMNS: laneColumns, ROWS: rows, COLUMNS: columns, DEPTH: depth },
  };
}

/** Subgroup forms of matmul: 4·lanes rows and as many columns. */
export const matmulSubgroups = (capabilities: Capabilities): readonly SubgroupVariant[] =>
  usableLanes(capabilities)
    // More rows than these would not fit a lane's registers.
    .filter((lanes) => lanes <= 16)
    .map((lanes) => ({ form: 'subgroup', lanes, channels: 4 * lanes }));

/**
 * Forms of a product of an operand's whole lines: eight columns a lane reuse what is loaded more often, and go first where
 * the columns fill them and enough workgroups remain.
 */
export function matmulLines(
  capabilities: Capabilities,
  { m, n, products = 1 }: { readonly m: number; readonly n: number; readonly products?: number },
): readonly LinesVariant[] {
  if (!forms[capabilities.driver].prefersLines) return [];
  return usableLanes(capabilities).flatMap((lanes) => {
    const [narrow, wide] = [4 * lanes, 8 * lanes].map((channels) => ({
      form: 'lines' as const,
      lanes,
      channels,
    }));
    const columns = (channels: number) => channels * Math.ceil(n / channels);
    const workgroups = products * Math.ceil(m / (4 * lanes)) * Math.ceil(n / (8 * lanes));
    const isWide =
      columns(8 * lanes) <= 1.15 * columns(4 * lanes) &&
      2 * workgroups >= forms[capabilities.driver].workgroups;
    return isWide ? [wide!, narrow!] : [narrow!, wide!];
  });
}

/** Subgroup forms of a convolution whose workgroups share `channels`; the first has as many as fit. */
export function conv2dSubgroups(capabilities: Capabilities, channels: number): readonly SubgroupVariant[] {
  const most = 4 * Math.max(...forms[capabilities.driver].lanes);
  const fitting = Math.min(most, channels <= 8 ? 8 : channels <= 16 ? 16 : 32);
  const counts = forms[capabilities.driver].channels.filter((count) => count < 2 * channels || count === 8);
  const ordered = [fitting, ...counts.filter((count) => count !== fitting)];
  return usableLanes(capabilities).flatMap((lanes) =>
    ordered
      .filter((count) => count % lanes === 0)
      .map((count) => ({ form: 'subgroup' as const, lanes, channels: count })),
  );
}

/** Forms of a 3×3 convolution whose lanes own runs of pixels and whose workgroups share `channels`. */
export function conv2dRuns(capabilities: Capabilities, channels: number): readonly RunsVariant[] {
  return usableLanes(capabilities).flatMap((lanes) =>
    runs.conv2d
      .filter((count) => (count === 8 || channels > 8) && count % lanes === 0)
      .map((count) => ({ form: 'runs' as const, lanes, channels: count })),
  );
}

/**
 * Forms of a 3×3 convolution's weight gradient whose lanes share a run's pixels among three taps, and whose workgroups
 * share `channels` of the output: with 32 of them lines of four pixels leave too little to share.
 */
export function weightGradientRuns(
  capabilities: Capabilities,
  { channels, width }: { readonly channels: number; readonly width: number },
): readonly RunsVariant[] {
  if (width % 8 !== 0) return [];
  const [count, run] = runs.weightGradient.find(([most]) => most >= channels) ?? runs.weightGradient.at(-1)!;
  // The lanes load whole vec4f of a run's gradients in turn.
  return usableLanes(capabilities)
    .filter((lanes) => ((run * count) / 4) % lanes === 0)
    .map((lanes) => ({ form: 'runs' as const, lanes, channels: count }));
}

/** Pixels of a run of a weight gradient whose workgroups share so many output channels. */
export const weightGradientRun = (outputs: number): number =>
  runs.weightGradient.find(([count]) => count >= outputs)![1];

const usableLanes = ({ driver, subgroupMinSize }: Capabilities): readonly number[] =>
  forms[driver].lanes.filter((lanes) => lanes <= subgroupMinSize).slice(-2);

const toVariant = ([lanes, rows, columns]: Tile): TileVariant => ({ form: 'tile', lanes, rows, columns });

/** Tiles of a matrix product of any sizes; the first is the default. */
export const matmulTiles = ({ driver }: Capabilities): readonly TileVariant[] =>
  forms[driver].matmul.map(toVariant);

/** Tiles of a convolution of any channels and of its input's gradient; the first is the default. */
export const conv2dTiles = ({ driver }: Capabilities): readonly TileVariant[] =>
  forms[driver].conv2d.map(toVariant);

/**
 * Tiles of the weight gradient: lanes × input channels of a lane × output channels. A lane's taps times its input
 * channels set how often a loaded gradient is used: six to eight keep it in registers.
 */
export function weightGradientTiles({ driver }: Capabilities, kernel: number): readonly TileVariant[] {
  const inputs = kernel === 1 ? 4 : kernel === 3 ? 2 : 1;
  return forms[driver].weightGradient.map(([lanes, outputs]) => toVariant([lanes, inputs, outputs]));
}

/** All forms of a shape in the order in which this driver prefers them. */
export function inOrder<
  Runs extends RunsVariant = never,
  Matrix extends MatrixVariant = never,
  Staged extends StagedVariant = never,
>(
  { driver }: Capabilities,
  {
    runs = [],
    subgroups,
    tiles,
    matrices = [],
    staged = [],
  }: {
    readonly runs?: readonly Runs[];
    readonly subgroups: readonly SubgroupVariant[];
    readonly tiles: readonly TileVariant[];
    readonly matrices?: readonly Matrix[];
    readonly staged?: readonly Staged[];
  },
): readonly (Runs | SubgroupVariant | TileVariant | Staged | Matrix)[] {
  const { prefersRuns, prefersSubgroups } = forms[driver];
  const shuffling = prefersRuns ? [...runs, ...subgroups] : [...subgroups, ...runs];
  if (shuffling.length === 0 || !prefersSubgroups) return [...tiles, ...shuffling, ...staged, ...matrices];
  // Where subgroups were found to be faster by far, one tile stands for all.
  return [...shuffling, ...tiles.slice(0, 1), ...staged, ...matrices];
}
