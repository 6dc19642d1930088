import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';
import type { KernelContext } from './choices.ts';
import type { Candidate, Problem } from './problem.ts';

/** A tile of scalars, for any sizes: lanes of a workgroup, rows of a lane, columns that the workgroup shares. */
export interface TileVariant {
  /** Tells the forms of variants apart. */
  readonly form: 'tile';
  /** Lanes of a workgroup. */
  readonly lanes: number;
  /** Rows of the result that a lane computes. */
  readonly rows: number;
  /** Columns of the result that a workgroup shares. */
  readonly columns: number;
  /** Parts that a sum is cut into, where it can be; without, as many as occupy this driver's devices by a rule. */
  readonly slices?: number;
}

/** The plainest form of every product, which compiles everywhere in no time. */
export const plainTile = { form: 'tile', lanes: 8, rows: 4, columns: 4 } as const satisfies TileVariant;

/** Lanes that pass numbers round their subgroup, where rows are whole vec4f. */
export interface SubgroupVariant {
  /** Tells the forms of variants apart. */
  readonly form: 'subgroup';
  /** Lanes of a workgroup, which is a subgroup or a part of one. */
  readonly lanes: number;
  /** Channels that a workgroup computes: the rows of its tile. */
  readonly channels: number;
  /** Parts that a sum is cut into, where it can be; without, as many as occupy this driver's devices by a rule. */
  readonly slices?: number;
}

/**
 * Lanes that pass a product's left numbers round their subgroup one k at a time, where the right operand's rows are whole
 * vec4f: a loop so short that processors keep it decoded.
 */
export interface LinesVariant {
  /** Tells the forms of variants apart. */
  readonly form: 'lines';
  /** Lanes of a workgroup, which is a subgroup or a part of one. */
  readonly lanes: number;
  /** Columns that a workgroup computes: four a lane, or eight. */
  readonly channels: number;
  /** Parts that a sum is cut into, where it can be; without, as many as occupy this driver's devices by a rule. */
  readonly slices?: number;
}

/**
 * Lanes of 3×3 convolutions in which the taps of a kernel's row share a run of an image's pixels: each lane owns runs
 * of the result's, or in a weight gradient the taps of some input channels, to which all lanes pass the run's
 * gradients.
 */
export interface RunsVariant {
  /** Tells the forms of variants apart. */
  readonly form: 'runs';
  /** Lanes of a workgroup, which is a subgroup or a part of one. */
  readonly lanes: number;
  /** Channels that a workgroup computes: of the output, or in the gradient by the input of the input. */
  readonly channels: number;
  /** Parts that a sum is cut into, where it can be; without, as many as occupy this driver's devices by a rule. */
  readonly slices?: number;
}

/**
 * A workgroup's tile on matrix units: matrices of a subgroup along rows and columns, subgroups along either, and the k
 * that is staged at once.
 */
export interface MatrixVariant {
  /** Tells the forms of variants apart. */
  readonly form: 'matrix';
  /** Matrices of a subgroup, one below another. */
  readonly rows: number;
  /** Matrices of a subgroup, side by side. */
  readonly columns: number;
  /** Subgroups of a workgroup, one below another. */
  readonly subgroupRows: number;
  /** Subgroups of a workgroup, side by side. */
  readonly subgroupColumns: number;
  /** Products of each sum that are staged at once. */
  readonly depth: number;
  /** Parts that a sum is cut into, where it can be; without, as many as occupy this driver's devices by a rule. */
  readonly slices?: number;
}

/**
 * A workgroup's tile whose lanes share panels of both operands in workgroup memory: lanes along rows and columns, the
 * rows and columns of a lane, and the k that is staged at once.
 */
export interface StagedVariant {
  /** Tells the forms of variants apart. */
  readonly form: 'staged';
  /** Lanes of a workgroup, one below another. */
  readonly laneRows: number;
  /** Lanes of a workgroup, side by side. */
  readonly laneColumns: number;
  /** Rows of the result that a lane computes. */
  readonly rows: number;
  /** Columns of the result that a lane computes. */
  readonly columns: number;
  /** Products of each sum that are staged at once. */
  readonly depth: number;
  /** Parts that a sum is cut into, where it can be; without, as many as occupy this driver's devices by a rule. */
  readonly slices?: number;
}

/**
 * A way in which a family's kernels can run a shape: plain data, from which the family makes its launches. `slices`:
 * into how many parts a sum that can be cut is cut; without, as many as occupy this driver's devices by a rule.
 */
export type Variant =
  | TileVariant
  | SubgroupVariant
  | LinesVariant
  | RunsVariant
  | MatrixVariant
  | StagedVariant;

/**
 * A variant's name, `subgroup-8x32` or `tile-64x4x8/k8`. Choices are stored under it, so it may not change its meaning.
 */
export function nameOf(variant: Variant): string {
  const slices = 'slices' in variant ? `/k${variant.slices}` : '';
  return `${formOf(variant)}${slices}`;
}

function formOf(variant: Variant): string {
  if (variant.form === 'matrix') {
    const { rows, columns, subgroupRows, subgroupColumns, depth } = variant;
    return `matrix-${rows}x${columns}x${subgroupRows}x${subgroupColumns}x${depth}`;
  }
  if (variant.form === 'staged') {
    const { laneRows, laneColumns, rows, columns, depth } = variant;
    return `staged-${laneRows}x${laneColumns}x${rows}x${columns}x${depth}`;
  }
  if (variant.form === 'tile') return `tile-${variant.lanes}x${variant.rows}x${variant.columns}`;
  return `${variant.form}-${variant.lanes}x${variant.channels}`;
}

/** A product's kernel calls: where its sum is cut into slices, partial results and their ordered sum. */
export interface SlicedLaunches {
  /** Parts that the sum is cut into; 1: it is whole. */
  readonly slices: number;
  /** Writes the result or, of several slices, the partial results [slices][…]. */
  readonly product: Launch;
  /** Adds the partial results in their order; undefined for one slice. */
  readonly sum: Launch | undefined;
}

/** A kernel family with several variants. */
export interface Family<Shape, V extends Variant = Variant> {
  /** Shapes of one class share a choice. */
  key(shape: Shape): string;
  /** Multiply-adds of one call. */
  multiplyAdds(shape: Shape): number;
  /** All that can run this shape, the default first. */
  variants(capabilities: Capabilities, shape: Shape): readonly V[];
  /** A variant's kernel calls for a shape. */
  launches(capabilities: Capabilities, shape: Shape, variant: V): SlicedLaunches;
  /** What is needed to time the variants. */
  operands(shape: Shape): Operands<V>;
}

/** Buffers by the names that the product's WGSL gives them; those that are read may share one. */
export interface Operands<V> {
  /** Elements of each buffer. */
  readonly buffers: Readonly<Record<string, number>>;
  /** Buffers that are stored as f16; the others as f32. */
  readonly halves?: readonly string[];
  /** WGSL names → buffers, where they differ. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The WGSL name of what the product writes. */
  readonly output: string;
  /** Products of the longest sum that makes an output. */
  readonly terms: number;
  /** The plain form, which compiles everywhere in no time. */
  readonly twin: V;
}

/** The variant that runs this shape: the one known to be fastest for its class, else the default. */
export function choose<Shape, V extends Variant>(
  family: Family<Shape, V>,
  { capabilities, choices }: KernelContext,
  shape: Shape,
): V {
  const variants = family.variants(capabilities, shape);
  const name = choices.get(family.key(shape), family.multiplyAdds(shape), () =>
    problemOf(family, capabilities, shape),
  );
  return variants.find((variant) => nameOf(variant) === name) ?? variants[0]!;
}

/** The shape as a problem for the search: its variants with what they read and write. */
export function problemOf<Shape, V extends Variant>(
  family: Family<Shape, V>,
  capabilities: Capabilities,
  shape: Shape,
): Problem {
  const { buffers, halves = [], aliases, output, terms, twin } = family.operands(shape);
  const bindings = { ...Object.fromEntries(Object.keys(buffers).map((name) => [name, name])), ...aliases };
  const candidate = (variant: V): Candidate => {
    const { slices, product, sum } = family.launches(capabilities, shape, variant);
    const names = { name: nameOf(variant), form: formOf(variant) };
    if (!sum) return { ...names, scratch: 0, steps: [{ launch: product, bindings }] };
    const partial = { launch: product, bindings: { ...bindings, [output]: 'scratch' } };
    const total = { launch: sum, bindings: { partial: 'scratch', total: output } };
    return { ...names, scratch: slices * buffers[output]!, steps: [partial, total] };
  };
  const [first, ...others] = family.variants(capabilities, shape).map(candidate);
  const candidates = [first!, ...others] as const;
  return { key: family.key(shape), terms, buffers, halves, output, candidates, twin: candidate(twin) };
}

/** Each form with the default slices, then with each count that its shape allows. */
export function withSlices<V extends Variant>(forms: readonly V[], counts: readonly number[]): V[] {
  return [...forms, ...forms.flatMap((form) => counts.map((slices) => ({ ...form, slices })))];
}

/** A size to the nearest power of two, so that neighbours share a class. */
export const roughly = (size: number): number => 2 ** Math.round(Math.log2(size));
