enable subgroups;

// C[M][N] = op(A) · B (+ bias[N]) as in tile.wgsl, where rows of B and C are whole vec4f; A has any strides.
//
// One k at a time: a lane loads its vec4f of B's line, two where WIDE, and its four numbers of A; then all rows of A go
// round the lanes. subgroup.wgsl takes four k at once and stores its sums a quarter as often, but in a loop so long that
// a processor decodes each instruction of it anew, which costs more.

const LANES = 8u; // no more than a subgroup has
const ROWS = 4u * LANES;
const WIDE = true; // a lane has two vec4f of every row, LANES apart
const COLUMNS = LANES * select(1u, 2u, WIDE); // of a workgroup, in vec4f
const ACCUMULATE = false; // C += instead of C =

// n, lengths, starts and blocks of B and C are in vec4f.
struct Params {
  m: u32, n: u32, k: u32,
  a_row: u32, a_column: u32, // from one row, and one k, to the next
  slice: u32, // of K, for one workgroup
  a_start: u32, b_start: u32, c_start: u32,
  slices: u32, // of K; the grid's z counts them and then the products
  a_block: u32, b_block: u32, // from one product's operands to the next one's
  has_bias: u32, // not a constant: a software adapter compiles each form for most of a second
  four: u32, // 4: a loop to a constant is written out, and every load and store in it costs time to compile
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> c: array<vec4f>; // [products][slices][M][N]
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;

@compute @workgroup_size(LANES)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let row = group.x * ROWS;
  let column = group.y * COLUMNS + lane;
  let product = group.z / params.slices;
  let first = group.z % params.slices * params.slice;
  let last = min(first + params.slice, params.k);
  let own_rows = min(row + lane + LANES * vec4u(0u, 1u, 2u, 3u), vec4u(params.m - 1u));
  let a_at = params.a_start + product * params.a_block + own_rows * params.a_row;
  let lines = params.b_start + product * params.b_block;
  let near_at = lines + min(column, params.n - 1u);
  let far_at = lines + min(column + LANES, params.n - 1u);
  var near: array<vec4f, ROWS>;
  var far: array<vec4f, ROWS>;

  for (var k = first; k < last; k++) {
    let from_a = a_at + k * params.a_column;
    let left = vec4f(a[from_a.x], a[from_a.y], a[from_a.z], a[from_a.w]);
    let right = b[near_at + k * params.n];
    var far_right = vec4f();
    if (WIDE) { far_right = b[far_at + k * params.n]; }
    for (var i = 0u; i < ROWS; i++) {
      let number = subgroupShuffle(left[i / LANES], i % LANES);
      near[i] += number * right;
      if (WIDE) { far[i] += number * far_right; }
    }
  }

  let start = params.c_start + group.z * params.m * params.n;
  for (var i = 0u; i < ROWS; i += 4u) {
    store(start, row + i, column, mat4x4f(near[i], near[i + 1u], near[i + 2u], near[i + 3u]));
    if (WIDE) { store(start, row + i, column + LANES, mat4x4f(far[i], far[i + 1u], far[i + 2u], far[i + 3u])); }
  }
}

// Four rows of one vec4f.
fn store(start: u32, row: u32, column: u32, values: mat4x4f) {
  if (column >= params.n) { return; }
  var added = vec4f();
  if (params.has_bias == 1u) { added = bias[column]; }
  for (var q = 0u; q < params.four; q++) {
    if (row + q < params.m) {
      var value = values[q] + added;
      let to = start + (row + q) * params.n + column;
      if (ACCUMULATE) { value += c[to]; }
      c[to] = value;
    }
  }
}
