enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

// A workgroup's tile of a matrix product on the adapter's matrix units: subgroups side by side, each with several
// matrices of results, and panels of both operands that all of them share in workgroup memory.

const SUBGROUP = 32u; // lanes
const MATRIX_M = 16u;
const MATRIX_N = 16u;
const MATRIX_K = 16u;
const ROWS = 2u; // matrices of a subgroup
const COLUMNS = 2u;
const SUBGROUP_ROWS = 2u; // subgroups of a workgroup
const SUBGROUP_COLUMNS = 2u;
const DEPTH = 32u; // k of a panel

const THREADS = SUBGROUP * SUBGROUP_ROWS * SUBGROUP_COLUMNS;
const TILE_M = MATRIX_M * ROWS * SUBGROUP_ROWS;
const TILE_N = MATRIX_N * COLUMNS * SUBGROUP_COLUMNS;
// Numbers are staged in fours, along whichever side of the operand they lie in memory.
const QUADS_K = DEPTH / 4u;
const QUADS_M = TILE_M / 4u;
const QUADS_N = TILE_N / 4u;
const LEFT_QUADS = TILE_M * DEPTH / 4u / THREADS; // of a thread
const RIGHT_QUADS = TILE_N * DEPTH / 4u / THREADS;
// Lines are a little longer than their numbers, so that those below each other lie in different banks.
const PAD = 8u;
const PITCH_K = DEPTH + PAD;
const PITCH_M = TILE_M + PAD;
const PITCH_N = TILE_N + PAD;

alias Left = subgroup_matrix_left<f16, MATRIX_K, MATRIX_M>;
alias Right = subgroup_matrix_right<f16, MATRIX_N, MATRIX_K>;
alias Result = subgroup_matrix_result<f32, MATRIX_N, MATRIX_M>;

var<workgroup> left_panel: array<f16, max(TILE_M * PITCH_K, DEPTH * PITCH_M)>;
var<workgroup> right_panel: array<f16, max(TILE_N * PITCH_K, DEPTH * PITCH_N)>;
// Where each subgroup lays one matrix of results for its lanes to write out.
const RESULT_SIZE = MATRIX_M * MATRIX_N;
var<workgroup> results: array<f32, RESULT_SIZE * SUBGROUP_ROWS * SUBGROUP_COLUMNS>;

// The first row or column of a subgroup's matrix, in the tile.
fn matrix_row(subgroup: u32, i: u32) -> u32 { return (subgroup / SUBGROUP_COLUMNS * ROWS + i) * MATRIX_M; }
fn matrix_column(subgroup: u32, j: u32) -> u32 { return (subgroup % SUBGROUP_COLUMNS * COLUMNS + j) * MATRIX_N; }

fn stage_left(at: u32, quad: vec4h) {
  for (var i = 0u; i < 4u; i++) { left_panel[at + i] = quad[i]; }
}

fn stage_right(at: u32, quad: vec4h) {
  for (var i = 0u; i < 4u; i++) { right_panel[at + i] = quad[i]; }
}

// Four neighbouring results of the matrix that the subgroup laid out.
fn result_quad(subgroup: u32, quad: u32) -> vec4f {
  let at = subgroup * RESULT_SIZE + 4u * quad;
  return vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]);
}
