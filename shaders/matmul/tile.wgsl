// use lib/strided_operands.wgsl
// C[M][N] = A[M][K] · B[K][N] (+ bias[N]), each operand with any strides, hence in every transposed form.
//
// A lane owns ROWS rows and COLUMNS columns. Its rows differ from its neighbours', its columns are those of the whole
// workgroup: loads of B have one address for all lanes, which a software adapter turns into scalar loads. The loop
// body stays one step of k: unrolled further, the compilers spill. Split over workgroups along z, each slice of K
// writes its own partial product.

const LANES = 8u;
const ROWS = 8u;
const COLUMNS = 8u;
const BIAS = false;
const ACCUMULATE = false; // C += instead of C =

@compute @workgroup_size(LANES)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x * LANES + lane) * ROWS;
  let column = group.y * COLUMNS;
  let first = group.z % params.slices * params.slice;
  let last = min(first + params.slice, params.k);

  let product = group.z / params.slices;
  let a_start = params.a_start + product * params.a_block;
  let b_start = params.b_start + product * params.b_block;
  var a_at: array<u32, ROWS>;
  for (var i = 0u; i < ROWS; i++) { a_at[i] = a_start + min(row + i, params.m - 1u) * params.a_row + first * params.a_column; }
  var b_at: array<u32, COLUMNS>;
  for (var j = 0u; j < COLUMNS; j++) { b_at[j] = b_start + min(column + j, params.n - 1u) * params.b_column + first * params.b_row; }
  var sum: array<f32, ROWS * COLUMNS>;

  for (var k = first; k < last; k++) {
    var left: array<f32, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      left[i] = a[a_at[i]];
      a_at[i] += params.a_column;
    }
    for (var j = 0u; j < COLUMNS; j++) {
      let right = b[b_at[j]];
      b_at[j] += params.b_row;
      for (var i = 0u; i < ROWS; i++) { sum[i * COLUMNS + j] += left[i] * right; }
    }
  }

  let start = params.c_start + group.z * params.m * params.n;
  for (var i = 0u; i < ROWS; i++) {
    if (row + i < params.m) {
      for (var j = 0u; j < COLUMNS; j++) {
        if (column + j < params.n) {
          var value = sum[i * COLUMNS + j];
          if (BIAS) { value += bias[column + j]; }
          let to = start + (row + i) * params.n + column + j;
          if (ACCUMULATE) { value += c[to]; }
          c[to] = value;
        }
      }
    }
  }
}
