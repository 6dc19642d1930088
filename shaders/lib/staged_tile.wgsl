// A workgroup's tile of a matrix product, whose lanes share panels of both operands in workgroup memory: each number is
// loaded once for the whole tile. A lane's sums are quads of columns; its quads of rows and of columns lie apart by the
// workgroup's lanes, so that neighbours read neighbouring quads of a panel.

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

var<workgroup> left_panel: array<vec4f, DEPTH * PITCH_M>; // [k][rows]
var<workgroup> right_panel: array<vec4f, DEPTH * PITCH_N>; // [k][columns]

// Which k and which quad of a line a lane stages: neighbours take those that are neighbours in memory.
fn staged_k(place: u32, quads: u32, along_k: bool) -> u32 { return select(place / quads, place % DEPTH, along_k); }
fn staged_quad(place: u32, quads: u32, along_k: bool) -> u32 { return select(place % quads, place / DEPTH, along_k); }
