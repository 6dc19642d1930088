enable subgroups;

// C[M][N] = op(A) · op(B) (+ bias[N]) as in tile.wgsl, where rows of every operand are whole vec4f.
//
// A load costs a software adapter as much as ten multiply-adds, so a number is loaded by one lane and handed to the
// others. For every four k a lane loads a 4×4 part of A (its own four rows) and a 4×4 part of B (its own four columns);
// then all rows of A go round the lanes, each multiplied by every lane's part of B. Transposing a part costs nothing:
// its numbers lie in registers.

const LANES = 8u; // no more than a subgroup has
const ROWS = 4u * LANES;
const TRANSPOSE_A = false; // A is stored [K][M]
const TRANSPOSE_B = false; // B is stored [N][K]
const ACCUMULATE = false; // C += instead of C =

// Sizes, but m, are in vec4f: also the stored rows' lengths, the ways to the next four k, the slice of K, the starts.
struct Params {
  m: u32, n: u32, k: u32,
  a_pitch: u32, a_step: u32,
  b_pitch: u32, b_step: u32,
  slice: u32, // of K, for one workgroup
  a_start: u32, b_start: u32, c_start: u32,
  slices: u32, // of K; the grid's z counts them and then the products
  a_block: u32, b_block: u32, // from one product's operands to the next one's
  has_bias: u32, // not a constant: a software adapter compiles each form for most of a second
  four: u32, // 4: a loop to a constant is written out, and every load and store in it costs time to compile
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>; // [products][slices][M][N]
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;

@compute @workgroup_size(LANES)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let row = group.x * ROWS;
  let column = group.y * LANES + lane; // in vec4f
  let product = group.z / params.slices;
  let slice = group.z % params.slices;
  let a_at = params.a_start + product * params.a_block + lines(row / 4u + lane, params.m, params.a_pitch, TRANSPOSE_A);
  let b_at = params.b_start + product * params.b_block + lines(column, 4u * params.n, params.b_pitch, !TRANSPOSE_B);
  let last = min((slice + 1u) * params.slice, params.k);
  var sum: array<vec4f, ROWS>;

  for (var k = slice * params.slice; k < last; k++) {
    let left = rows_of_a(a_at + k * params.a_step);
    let right = lines_of_b(b_at + k * params.b_step);
    for (var i = 0u; i < ROWS; i++) { sum[i] += right * subgroupShuffle(left[i % 4u], i / 4u); }
  }

  if (column < params.n) {
    let start = params.c_start + group.z * params.m * params.n + column;
    var added = vec4f();
    if (params.has_bias == 1u) { added = bias[column]; }
    for (var i = 0u; i < LANES; i++) {
      let values = mat4x4f(sum[4u * i], sum[4u * i + 1u], sum[4u * i + 2u], sum[4u * i + 3u]);
      for (var q = 0u; q < params.four; q++) {
        if (row + 4u * i + q < params.m) {
          var value = values[q] + added;
          let to = start + (row + 4u * i + q) * params.n;
          if (ACCUMULATE) { value += c[to]; }
          c[to] = value;
        }
      }
    }
  }
}

// Where a lane's four lines of the first four k begin: those of k at its vec4f `quad`, or its own lines along k.
fn lines(quad: u32, size: u32, pitch: u32, along_k: bool) -> vec4u {
  let four = vec4u(0u, 1u, 2u, 3u);
  if (along_k) { return min(quad, size / 4u - 1u) + four * pitch; }
  return min(4u * quad + four, vec4u(size - 1u)) * pitch;
}

// Four rows of A, each four k long.
fn rows_of_a(at: vec4u) -> mat4x4f {
  let stored = mat4x4f(a[at.x], a[at.y], a[at.z], a[at.w]);
  if (TRANSPOSE_A) { return transpose(stored); }
  return stored;
}

// Four k of B, each four columns long.
fn lines_of_b(at: vec4u) -> mat4x4f {
  let stored = mat4x4f(b[at.x], b[at.y], b[at.z], b[at.w]);
  if (TRANSPOSE_B) { return transpose(stored); }
  return stored;
}
