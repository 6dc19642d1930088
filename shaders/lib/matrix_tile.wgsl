enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

// A workgroup's tile of a matrix product on the adapter's matrix units: subgroups side by side, each with several
// matrices of results, and panels of both operands that all of them share in workgroup memory.
//
// Numbers are loaded and staged in fours that are neighbours in memory, along k or along the tile's side. A kernel runs
// add_panels of panel_loop.wgsl, then write_tile, and brings
//   LEFT_ALONG_K, RIGHT_ALONG_K   whether an operand's neighbours in memory are those along k
//   RightQuad                     vec4h, or vec4f where the right operand is rounded as it is staged
//   load_left(i, k, row)          four numbers of the left operand along k or rows, from there on: the thread's i-th quad
//   load_right(k, column)         four of the right operand along k or columns
//   write_quad(row, column, quad) takes four results of a row of the tile, from that column on
// where k counts from the first panel's. Beyond an operand's sides its numbers are 0.

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
alias Sums = array<Result, ROWS * COLUMNS>;

var<workgroup> left_panel: array<f16, max(TILE_M * PITCH_K, DEPTH * PITCH_M)>; // [rows][k] or [k][rows]
var<workgroup> right_panel: array<f16, max(TILE_N * PITCH_K, DEPTH * PITCH_N)>; // [columns][k] or [k][columns]
var<private> left_next: array<vec4h, LEFT_QUADS>;
var<private> right_next: array<RightQuad, RIGHT_QUADS>;
// Where each subgroup lays one matrix of results for its lanes to write out.
const RESULT_SIZE = MATRIX_M * MATRIX_N;
var<workgroup> results: array<f32, RESULT_SIZE * SUBGROUP_ROWS * SUBGROUP_COLUMNS>;

// The first row or column of a subgroup's matrix, in the tile.
fn matrix_row(subgroup: u32, i: u32) -> u32 { return (subgroup / SUBGROUP_COLUMNS * ROWS + i) * MATRIX_M; }
fn matrix_column(subgroup: u32, j: u32) -> u32 { return (subgroup % SUBGROUP_COLUMNS * COLUMNS + j) * MATRIX_N; }

fn fetch(thread: u32, panel: u32) {
  for (var i = 0u; i < LEFT_QUADS; i++) {
    let place = thread + i * THREADS;
    if (LEFT_ALONG_K) {
      left_next[i] = load_left(i, panel * DEPTH + 4u * (place % QUADS_K), place / QUADS_K);
    } else {
      left_next[i] = load_left(i, panel * DEPTH + place / QUADS_M, 4u * (place % QUADS_M));
    }
  }
  for (var i = 0u; i < RIGHT_QUADS; i++) {
    let place = thread + i * THREADS;
    if (RIGHT_ALONG_K) {
      right_next[i] = load_right(panel * DEPTH + 4u * (place % QUADS_K), place / QUADS_K);
    } else {
      right_next[i] = load_right(panel * DEPTH + place / QUADS_N, 4u * (place % QUADS_N));
    }
  }
}

// Where a thread's number lies in a panel with lines of so many quads.
fn staged_at(place: u32, quads: u32) -> u32 { return place / quads * (4u * quads + PAD) + 4u * (place % quads); }

fn stage(thread: u32) {
  for (var i = 0u; i < LEFT_QUADS; i++) {
    let at = staged_at(thread + i * THREADS, select(QUADS_M, QUADS_K, LEFT_ALONG_K));
    for (var e = 0u; e < 4u; e++) { left_panel[at + e] = left_next[i][e]; }
  }
  for (var i = 0u; i < RIGHT_QUADS; i++) {
    let at = staged_at(thread + i * THREADS, select(QUADS_N, QUADS_K, RIGHT_ALONG_K));
    let quad = vec4h(right_next[i]);
    for (var e = 0u; e < 4u; e++) { right_panel[at + e] = quad[e]; }
  }
}

fn multiply(sums: ptr<function, Sums>, thread: u32, subgroup: u32) {
  for (var k = 0u; k < DEPTH / MATRIX_K; k++) {
    var left: array<Left, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      if (LEFT_ALONG_K) {
        left[i] = subgroupMatrixLoad<Left, row_major>(&left_panel, matrix_row(subgroup, i) * PITCH_K + k * MATRIX_K, PITCH_K);
      } else {
        left[i] = subgroupMatrixLoad<Left, col_major>(&left_panel, k * MATRIX_K * PITCH_M + matrix_row(subgroup, i), PITCH_M);
      }
    }
    for (var j = 0u; j < COLUMNS; j++) {
      var right: Right;
      if (RIGHT_ALONG_K) {
        right = subgroupMatrixLoad<Right, col_major>(&right_panel, matrix_column(subgroup, j) * PITCH_K + k * MATRIX_K, PITCH_K);
      } else {
        right = subgroupMatrixLoad<Right, row_major>(&right_panel, k * MATRIX_K * PITCH_N + matrix_column(subgroup, j), PITCH_N);
      }
      for (var i = 0u; i < ROWS; i++) {
        (*sums)[i * COLUMNS + j] = subgroupMatrixMultiplyAccumulate(left[i], right, (*sums)[i * COLUMNS + j]);
      }
    }
  }
}

fn write_tile(sums: ptr<function, Sums>, subgroup: u32, lane: u32) {
  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < COLUMNS; j++) {
      subgroupMatrixStore<row_major>(&results, subgroup * RESULT_SIZE, (*sums)[i * COLUMNS + j], MATRIX_N);
      workgroupBarrier();
      for (var place = lane; place < RESULT_SIZE / 4u; place += SUBGROUP) {
        let row = matrix_row(subgroup, i) + 4u * place / MATRIX_N;
        let column = matrix_column(subgroup, j) + 4u * place % MATRIX_N;
        let at = subgroup * RESULT_SIZE + 4u * place;
        write_quad(row, column, vec4f(results[at], results[at + 1u], results[at + 2u], results[at + 3u]));
      }
      workgroupBarrier();
    }
  }
}
