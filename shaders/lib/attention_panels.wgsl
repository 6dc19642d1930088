// A workgroup's tile of an attention on a graphics card: ROWS tokens against blocks of BLOCK, from panels of both in
// workgroup memory. A lane has four rows; of a product with a block four of its tokens, of a weighted sum its columns.
// For kernels with lib/attention_rows.wgsl, LANE_ROWS and QUADS.

const LANE_COLUMNS = 8u;
const LANES = LANE_ROWS * LANE_COLUMNS;
const ROWS = 4u * LANE_ROWS;
const BLOCK = 4u * LANE_COLUMNS;
const COLUMNS = QUADS / LANE_COLUMNS; // vec4f of a row that are a lane's
const NUMBERS = 4u * QUADS; // of a head's row
// Lines are a vec4f longer than their numbers, so that those below each other lie in different banks.
const ROW_PITCH = LANE_ROWS + 1u;
const BLOCK_PITCH = LANE_COLUMNS + 1u;
const VALUE_PITCH = QUADS + 1u;

alias Sums = array<mat4x4f, COLUMNS>; // by row, the lane's columns
var<workgroup> row_panel: array<vec4f, NUMBERS * ROW_PITCH>; // [number][four rows]
var<workgroup> block_panel: array<vec4f, NUMBERS * BLOCK_PITCH>; // [number][four tokens], or [token][QUADS]
var<workgroup> weight_panel: array<vec4f, BLOCK * ROW_PITCH>; // [token][four rows]
var<workgroup> of_lanes: array<vec4f, LANES>;

// What a lane stages of a panel: neighbours take neighbours of a token's row.
fn quad_of(place: u32) -> u32 { return place % QUADS; }
fn four_of(place: u32) -> u32 { return place / QUADS; }

fn put_rows(place: u32, lines: mat4x4f) {
  for (var e = 0u; e < 4u; e++) { row_panel[(4u * quad_of(place) + e) * ROW_PITCH + four_of(place)] = lines[e]; }
}
fn put_block(place: u32, lines: mat4x4f) {
  for (var e = 0u; e < 4u; e++) { block_panel[(4u * quad_of(place) + e) * BLOCK_PITCH + four_of(place)] = lines[e]; }
}
fn stage_rows(image: u32, row: u32, part: u32, head: u32, lane: u32) {
  for (var place = lane; place < LANE_ROWS * QUADS; place += LANES) {
    put_rows(place, qkv_lines(rows_of(image, four_tokens(row + 4u * four_of(place)), part, head) + quad_of(place)));
  }
}
fn stage_block(image: u32, first: u32, part: u32, head: u32, lane: u32) {
  for (var place = lane; place < LANE_COLUMNS * QUADS; place += LANES) {
    put_block(place, qkv_lines(rows_of(image, four_tokens(first + 4u * four_of(place)), part, head) + quad_of(place)));
  }
}

// A block's rows as they are, for weighted sums; place / QUADS is then a token.
fn stage_values(image: u32, first: u32, part: u32, head: u32, lane: u32) {
  for (var place = lane; place < BLOCK * QUADS; place += LANES) {
    let token = known_token(first + place / QUADS);
    block_panel[place / QUADS * VALUE_PITCH + quad_of(place)] = qkv[row_of(image, token, part, head) + quad_of(place)];
  }
}

// Four numbers times each of four factors.
fn outer(numbers: vec4f, factors: vec4f) -> mat4x4f {
  return mat4x4f(numbers * factors.x, numbers * factors.y, numbers * factors.z, numbers * factors.w);
}

// The products of the lane's four rows with each of its tokens.
fn products_of_block(lane: u32) -> mat4x4f {
  var sum = mat4x4f();
  for (var d = 0u; d < params.numbers; d++) {
    sum += outer(row_panel[d * ROW_PITCH + lane / LANE_COLUMNS], block_panel[d * BLOCK_PITCH + lane % LANE_COLUMNS]);
  }
  return sum;
}

// What each of the lane's tokens weighs in its four rows.
fn put_weights(lane: u32, weights: mat4x4f) {
  for (var t = 0u; t < 4u; t++) { weight_panel[(4u * (lane % LANE_COLUMNS) + t) * ROW_PITCH + lane / LANE_COLUMNS] = weights[t]; }
}

// Adds to all rows what the block's tokens weigh in them.
fn add_weighted(sums: ptr<function, Sums>, lane: u32) {
  for (var token = 0u; token < params.block; token++) {
    let weights = weight_panel[token * ROW_PITCH + lane / LANE_COLUMNS];
    for (var c = 0u; c < COLUMNS; c++) { sums[c] += outer(block_panel[token * VALUE_PITCH + column_of(lane, c)], weights); }
  }
}

// A lane's column; neighbours have neighbours of a row.
fn column_of(lane: u32, c: u32) -> u32 { return c * LANE_COLUMNS + lane % LANE_COLUMNS; }

// The token of a lane's r-th row, of the tile that begins at `row`.
fn token_of(row: u32, lane: u32, r: u32) -> u32 { return row + 4u * (lane / LANE_COLUMNS) + r; }

// The largest, or the sum, of what all lanes of the same rows have.
fn largest_of_lanes(own: vec4f, lane: u32) -> vec4f {
  of_lanes[lane] = own;
  workgroupBarrier();
  var largest = own;
  for (var c = 0u; c < LANE_COLUMNS; c++) { largest = max(largest, of_lanes[lane - lane % LANE_COLUMNS + c]); }
  return largest;
}
fn sum_of_lanes(own: vec4f, lane: u32) -> vec4f {
  of_lanes[lane] = own;
  workgroupBarrier();
  var sum = vec4f();
  for (var c = 0u; c < LANE_COLUMNS; c++) { sum += of_lanes[lane - lane % LANE_COLUMNS + c]; }
  return sum;
}
