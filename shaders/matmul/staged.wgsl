// use lib/staged_tile.wgsl
// The product of tile.wgsl for graphics cards: panels of both operands in workgroup memory, K written out over a panel.
// The next panel's numbers are on their way to registers while the present one is multiplied; beyond the operands' sides
// they are 0.

const TRANSPOSE_A = false; // A is stored as [K][M]
const TRANSPOSE_B = false; // B is stored as [N][K]
const BIAS = false;
const ACCUMULATE = false; // C += instead of C =

struct Params {
  m: u32, n: u32, k: u32,
  a_row: u32, a_column: u32,
  b_row: u32, b_column: u32,
  slice: u32, // of K, for one workgroup
  a_start: u32, b_start: u32, c_start: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>; // [slices][M][N]
@group(0) @binding(4) var<storage, read> bias: array<f32>;

fn load_a(row: u32, k: u32, last: u32) -> f32 {
  let valid = row < params.m && k < last;
  return select(0.0, a[select(0u, params.a_start + row * params.a_row + k * params.a_column, valid)], valid);
}

fn load_b(k: u32, column: u32, last: u32) -> f32 {
  let valid = column < params.n && k < last;
  return select(0.0, b[select(0u, params.b_start + k * params.b_row + column * params.b_column, valid)], valid);
}

@compute @workgroup_size(LANES)
fn matmul(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_row = group.x * TILE_M;
  let first_column = group.y * TILE_N;
  let lane_row = lane / LANE_COLUMNS;
  let lane_column = lane % LANE_COLUMNS;
  let first = group.z * params.slice;
  let last = min(first + params.slice, params.k);
  let panels = (last - first + DEPTH - 1u) / DEPTH;

  var left_next: array<vec4f, LEFT_QUADS>;
  var right_next: array<vec4f, RIGHT_QUADS>;
  var sum: array<vec4f, ROWS * COLUMN_QUADS>;

  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = lane + i * LANES;
        left_panel[staged_k(place, QUADS_M, !TRANSPOSE_A) * PITCH_M + staged_quad(place, QUADS_M, !TRANSPOSE_A)] = left_next[i];
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = lane + i * LANES;
        right_panel[staged_k(place, QUADS_N, TRANSPOSE_B) * PITCH_N + staged_quad(place, QUADS_N, TRANSPOSE_B)] = right_next[i];
      }
    }
    workgroupBarrier();
    if (panel < panels) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = lane + i * LANES;
        let k = first + panel * DEPTH + staged_k(place, QUADS_M, !TRANSPOSE_A);
        let row = first_row + 4u * staged_quad(place, QUADS_M, !TRANSPOSE_A);
        left_next[i] = vec4f(load_a(row, k, last), load_a(row + 1u, k, last), load_a(row + 2u, k, last), load_a(row + 3u, k, last));
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = lane + i * LANES;
        let k = first + panel * DEPTH + staged_k(place, QUADS_N, TRANSPOSE_B);
        let column = first_column + 4u * staged_quad(place, QUADS_N, TRANSPOSE_B);
        right_next[i] = vec4f(load_b(k, column, last), load_b(k, column + 1u, last), load_b(k, column + 2u, last), load_b(k, column + 3u, last));
      }
    }
    if (panel > 0u) {
      for (var k = 0u; k < DEPTH; k++) {
        var left: array<vec4f, ROW_QUADS>;
        for (var i = 0u; i < ROW_QUADS; i++) { left[i] = left_panel[k * PITCH_M + lane_row + i * LANE_ROWS]; }
        for (var j = 0u; j < COLUMN_QUADS; j++) {
          let right = right_panel[k * PITCH_N + lane_column + j * LANE_COLUMNS];
          for (var i = 0u; i < ROWS; i++) { sum[i * COLUMN_QUADS + j] += left[i / 4u][i % 4u] * right; }
        }
      }
    }
    workgroupBarrier();
  }

  let start = params.c_start + group.z * params.m * params.n;
  for (var i = 0u; i < ROWS; i++) {
    let row = first_row + 4u * (lane_row + i / 4u * LANE_ROWS) + i % 4u;
    for (var j = 0u; j < COLUMN_QUADS; j++) {
      for (var e = 0u; e < 4u; e++) {
        let column = first_column + 4u * (lane_column + j * LANE_COLUMNS) + e;
        if (row < params.m && column < params.n) {
          var value = sum[i * COLUMN_QUADS + j][e];
          if (BIAS) { value += bias[column]; }
          let to = start + row * params.n + column;
          if (ACCUMULATE) { value += c[to]; }
          c[to] = value;
        }
      }
    }
  }
}
