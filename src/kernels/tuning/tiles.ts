import type { Capabilities } from '../../gpu/device.ts';
import type { MatrixUnits } from '../../gpu/matrix_units.ts';
import { forms, matrices, runs, staged, type Tile } from './forms.ts';
import type {
  LinesVariant,
  MatrixVariant,
  RunsVariant,
  StagedVariant,
  SubgroupVariant,
  TileVariant,
} from './variant.ts';

/** Workgroups that occupy an adapter: a product with fewer is cut along its sum. */
export const enoughWorkgroups = ({ driver }: Capabilities): number => forms[driver].workgroups;

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
