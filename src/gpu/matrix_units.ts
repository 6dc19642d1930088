/** Products on matrix units: not a standard yet, so the types do not know it. */
export const matrixFeature = 'chromium-experimental-subgroup-matrix' as GPUFeatureName;

/** Shape of the adapter's matrix products f16 × f16 → f32: M×K times K×N. */
export interface MatrixUnits {
  /** Rows of the left matrix and of the result. */
  readonly m: number;
  /** Columns of the right matrix and of the result. */
  readonly n: number;
  /** Columns of the left matrix, and rows of the right one. */
  readonly k: number;
}

/** What Dawn tells of an adapter's matrix units beyond the standard. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }>;
}

/** The largest product of f16 matrices that sums in f32; undefined without one, or where subgroups differ in size. */
export function matrixUnits(info: GPUAdapterInfo): MatrixUnits | undefined {
  if (info.subgroupMinSize !== info.subgroupMaxSize) return undefined;
  const { subgroupMatrixConfigs = [] } = info as MatrixInfo;
  const [largest] = [...subgroupMatrixConfigs]
    .filter((config) => config.componentType === 'f16' && config.resultComponentType === 'f32')
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K);
  return largest && { m: largest.M, n: largest.N, k: largest.K };
}

/**
 * How a driver's WGSL says in which order a subgroup matrix lies in memory: as a type argument, or, if older, as a
 * flag.
 */
export type MatrixSyntax = 'order' | 'flag';

const probe = `
enable f16;
enable chromium_experimental_subgroup_matrix;
var<workgroup> panel: array<f16, 256>;
@compute @workgroup_size(32)
fn main() { _ = subgroupMatrixLoad<subgroup_matrix_left<f16, 16, 16>, row_major>(&panel, 0u, 16u); }`;

/** Finds the syntax by compiling a line of the newer one. */
export async function probeMatrixSyntax(device: GPUDevice): Promise<MatrixSyntax> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: 'matrix syntax', code: probe });
  const { messages } = await module.getCompilationInfo();
  await device.popErrorScope();
  return messages.some(({ type }) => type === 'error') ? 'flag' : 'order';
}

/**
 * Turns the newer syntax of subgroup matrices into the older one: `subgroupMatrixLoad<T, col_major>(p, offset, pitch)`
 * becomes `subgroupMatrixLoad<T>(p, offset, true, pitch)`, and so do stores.
 */
export function withOrderFlags(source: string): string {
  const call = /\bsubgroupMatrix(Load|Store)<(?:(\w+), )?(row|col)_major>\(/g;
  let result = '';
  let at = 0;
  for (const match of source.matchAll(call)) {
    const [text, name, type, order] = match;
    const from = match.index + text.length;
    const comma = lastComma(source, from);
    const opening = `subgroupMatrix${name}${type ? `<${type}>` : ''}(`;
    result += `${source.slice(at, match.index)}${opening}${source.slice(from, comma)}, ${order === 'col'}`;
    at = comma;
  }
  return result + source.slice(at);
}

/** Where the last argument of a call begins whose parenthesis opened before `from`. */
function lastComma(source: string, from: number): number {
  let comma = from;
  let depth = 1;
  for (let i = from; depth > 0; i++) {
    if (source[i] === '(') depth++;
    else if (source[i] === ')') depth--;
    else if (source[i] === ',' && depth === 1) comma = i;
  }
  return comma;
}
