import type { Launch } from '../../../src/gpu/launch.ts';

/**
 * The same kernel where the adapter has no matrix units: WGSL's subgroup matrices become arrays, and a subgroup one lane
 * that does alone what its lanes would do together. Everything else, which is all that can be wrong with a place in
 * memory, stays as it is.
 */
export function emulateMatrices(launch: Launch): Launch {
  const { shader } = launch;
  const loads = new Set<string>();
  const source = shader.source
    .replace('enable chromium_experimental_subgroup_matrix;\n', '')
    .replaceAll(
      '@builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {',
      ') { let subgroup = thread; let lane = 0u;',
    )
    .replace(/subgroup_matrix_\w+<(f16|f32), (\w+), (\w+)>/g, 'array<$1, $2 * $3>')
    .replace(/subgroupMatrixLoad<(Left|Right), (row|col)_major>\(&(\w+),/g, (_, type, order, panel) => {
      loads.add(load(type, order, panel));
      return `load_${type}_${order}_${panel}(`;
    })
    .replaceAll('subgroupMatrixStore<row_major>(&results,', 'store(')
    .replaceAll('subgroupMatrixMultiplyAccumulate(', 'multiply_accumulate(');
  return { ...launch, shader: { ...shader, source: [source, ...loads, arithmetic].join('\n') } };
}

function load(type: string, order: string, panel: string): string {
  const [rows, columns] = type === 'Left' ? ['MATRIX_M', 'MATRIX_K'] : ['MATRIX_K', 'MATRIX_N'];
  const at = order === 'row' ? 'r * pitch + c' : 'c * pitch + r';
  return `
fn load_${type}_${order}_${panel}(at: u32, pitch: u32) -> ${type} {
  var matrix: ${type};
  for (var r = 0u; r < ${rows}; r += 1u) {
    for (var c = 0u; c < ${columns}; c += 1u) { matrix[r * ${columns} + c] = ${panel}[at + ${at}]; }
  }
  return matrix;
}`;
}

const arithmetic = `
fn multiply_accumulate(left_given: Left, right_given: Right, sum_given: Result) -> Result {
  var left_matrix = left_given;
  var right_matrix = right_given;
  var sum_matrix = sum_given;
  for (var r = 0u; r < MATRIX_M; r += 1u) {
    for (var c = 0u; c < MATRIX_N; c += 1u) {
      for (var l = 0u; l < MATRIX_K; l += 1u) {
        sum_matrix[r * MATRIX_N + c] += f32(left_matrix[r * MATRIX_K + l]) * f32(right_matrix[l * MATRIX_N + c]);
      }
    }
  }
  return sum_matrix;
}

fn store(at: u32, given: Result, pitch: u32) {
  var matrix = given;
  for (var r = 0u; r < MATRIX_M; r += 1u) {
    for (var c = 0u; c < MATRIX_N; c += 1u) { results[at + r * pitch + c] = matrix[r * MATRIX_N + c]; }
  }
}`;
