// A workgroup's tile of a matrix product, whose lanes share panels of both operands in workgroup memory: each number is
// loaded once for the whole tile. A lane's sums are quads of columns; its quads of rows and of columns lie apart by the
// workgroup's lanes, so that neighbours read neighbouring quads of a panel.
//
// A kernel runs add_panels of panel_loop.wgsl, then write_tile, and brings
//   LEFT_ALONG_K, RIGHT_ALONG_K   whether an operand's neighbours in memory are those along k, not along the tile's side
//   load_left(i, k, row)          four numbers of the left operand, from that row of the tile on: the lane's i-th quad
//   load_right(k, column)         four of the right operand, from that column of the tile on
//   write_quad(row, column, quad) takes four results of a row of the tile, from that column on
// where k counts from the first panel's. Beyond an operand's sides its numbers are 0.

const LANE_ROWS = 16u; // lanes of a workgroup
const LANE_COLUMNS = 16u;
const ROWS = 4u; // of a lane, in whole quads
const COLUMNS = 4u;
const DEPTH = 16u; // k of a panel

const LANES = LANE_ROWS * LANE_COLUMNS;
const TILE_M = LANE_ROWS * ROWS;
const TILE_N = LANE_COLUMNS * COLUMNS;
const ROW_QUADS = ROWS / 4u; // of a lane
const COLUMN_QUADS = COLUMNS / 4u;
const QUADS_M = TILE_M / 4u; // of the tile
const QUADS_N = TILE_N / 4u;
// Quads that a lane stages.
const LEFT_QUADS = QUADS_M * DEPTH / LANES;
const RIGHT_QUADS = QUADS_N * DEPTH / LANES;
// Lines are a quad longer than their numbers, so that those below each other lie in different banks.
const PITCH_M = QUADS_M + 1u;
const PITCH_N = QUADS_N + 1u;

alias Sums = array<vec4f, ROWS * COLUMN_QUADS>;
var<workgroup> left_panel: array<vec4f, DEPTH * PITCH_M>; // [k][rows]
var<workgroup> right_panel: array<vec4f, DEPTH * PITCH_N>; // [k][columns]
var<private> left_next: array<vec4f, LEFT_QUADS>;
var<private> right_next: array<vec4f, RIGHT_QUADS>;

// Which k and which quad of a line a lane stages: neighbours take those that are neighbours in memory.
fn staged_k(place: u32, quads: u32, along_k: bool) -> u32 { return select(place / quads, place % DEPTH, along_k); }
fn staged_quad(place: u32, quads: u32, along_k: bool) -> u32 { return select(place % quads, place / DEPTH, along_k); }

fn fetch(lane: u32, panel: u32) {
  for (var i = 0u; i < LEFT_QUADS; i++) {
    let place = lane + i * LANES;
    let k = panel * DEPTH + staged_k(place, QUADS_M, LEFT_ALONG_K);
    left_next[i] = load_left(i, k, 4u * staged_quad(place, QUADS_M, LEFT_ALONG_K));
  }
  for (var i = 0u; i < RIGHT_QUADS; i++) {
    let place = lane + i * LANES;
    let k = panel * DEPTH + staged_k(place, QUADS_N, RIGHT_ALONG_K);
    right_next[i] = load_right(k, 4u * staged_quad(place, QUADS_N, RIGHT_ALONG_K));
  }
}

fn stage(lane: u32) {
  for (var i = 0u; i < LEFT_QUADS; i++) {
    let place = lane + i * LANES;
    left_panel[staged_k(place, QUADS_M, LEFT_ALONG_K) * PITCH_M + staged_quad(place, QUADS_M, LEFT_ALONG_K)] = left_next[i];
  }
  for (var i = 0u; i < RIGHT_QUADS; i++) {
    let place = lane + i * LANES;
    right_panel[staged_k(place, QUADS_N, RIGHT_ALONG_K) * PITCH_N + staged_quad(place, QUADS_N, RIGHT_ALONG_K)] = right_next[i];
  }
}

fn multiply(sums: ptr<function, Sums>, lane: u32, subgroup: u32) {
  let lane_row = lane / LANE_COLUMNS;
  let lane_column = lane % LANE_COLUMNS;
  for (var k = 0u; k < DEPTH; k++) {
    var left: array<vec4f, ROW_QUADS>;
    for (var i = 0u; i < ROW_QUADS; i++) { left[i] = left_panel[k * PITCH_M + lane_row + i * LANE_ROWS]; }
    for (var j = 0u; j < COLUMN_QUADS; j++) {
      let right = right_panel[k * PITCH_N + lane_column + j * LANE_COLUMNS];
      for (var i = 0u; i < ROWS; i++) { (*sums)[i * COLUMN_QUADS + j] += left[i / 4u][i % 4u] * right; }
    }
  }
}

fn write_tile(sums: ptr<function, Sums>, lane: u32) {
  for (var i = 0u; i < ROWS; i++) {
    let row = 4u * (lane / LANE_COLUMNS + i / 4u * LANE_ROWS) + i % 4u;
    for (var j = 0u; j < COLUMN_QUADS; j++) {
      write_quad(row, 4u * (lane % LANE_COLUMNS + j * LANE_COLUMNS), (*sums)[i * COLUMN_QUADS + j]);
    }
  }
}
