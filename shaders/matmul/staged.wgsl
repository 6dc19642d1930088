// use lib/strided_operands.wgsl
// use lib/panel_loop.wgsl
// use lib/staged_tile.wgsl
// The product of tile.wgsl for graphics cards: panels of both operands in workgroup memory, K written out over a panel.

const TRANSPOSE_A = false; // A is stored as [K][M]
const TRANSPOSE_B = false; // B is stored as [N][K]
const BIAS = false;
const ACCUMULATE = false; // C += instead of C =
const LEFT_ALONG_K = !TRANSPOSE_A;
const RIGHT_ALONG_K = TRANSPOSE_B;

// Where the workgroup's part begins and ends.
var<private> first_row: u32;
var<private> first_column: u32;
var<private> first_k: u32;
var<private> last_k: u32;
var<private> first_result: u32; // of its slice
var<private> a_start: u32; // of its product
var<private> b_start: u32;

fn load_a(row: u32, k: u32) -> f32 {
  let valid = row < params.m && k < last_k;
  return select(0.0, a[select(0u, a_start + row * params.a_row + k * params.a_column, valid)], valid);
}

fn load_left(i: u32, k: u32, row: u32) -> vec4f {
  let at = first_row + row;
  let start = first_k + k;
  return vec4f(load_a(at, start), load_a(at + 1u, start), load_a(at + 2u, start), load_a(at + 3u, start));
}

fn load_b(k: u32, column: u32) -> f32 {
  let valid = column < params.n && k < last_k;
  return select(0.0, b[select(0u, b_start + k * params.b_row + column * params.b_column, valid)], valid);
}

fn load_right(k: u32, column: u32) -> vec4f {
  let at = first_column + column;
  let start = first_k + k;
  return vec4f(load_b(start, at), load_b(start, at + 1u), load_b(start, at + 2u), load_b(start, at + 3u));
}

fn write_quad(row: u32, column: u32, quad: vec4f) {
  for (var e = 0u; e < 4u; e++) {
    let at = first_column + column + e;
    if (first_row + row < params.m && at < params.n) {
      var value = quad[e];
      if (BIAS) { value += bias[at]; }
      let to = first_result + (first_row + row) * params.n + at;
      if (ACCUMULATE) { value += c[to]; }
      c[to] = value;
    }
  }
}

@compute @workgroup_size(LANES)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let product = group.z / params.slices;
  let first = group.z % params.slices * params.slice;
  let last = min(first + params.slice, params.k);
  first_row = group.x * TILE_M;
  first_column = group.y * TILE_N;
  first_k = first;
  last_k = last;
  a_start = params.a_start + product * params.a_block;
  b_start = params.b_start + product * params.b_block;
  first_result = params.c_start + group.z * params.m * params.n;
  var sums: Sums;
  add_panels(&sums, lane, 0u, (last - first + DEPTH - 1u) / DEPTH);
  write_tile(&sums, lane);
}
