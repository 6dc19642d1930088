// A subgroup's tile of an attention: ROWS tokens, of which each lane loads OWN, against blocks of tokens, four a lane. A
// number is loaded by one lane and handed to the others, as in matmul/subgroup.wgsl.
// For kernels with lib/attention_rows.wgsl, LANES, OWN and QUADS.

const ROWS = OWN * LANES;
const COLUMNS = QUADS / LANES; // vec4f of a row that are a lane's
const BLOCK = 4u * LANES; // tokens

alias Products = array<vec4f, ROWS>; // of each row with the lane's four tokens
alias Sums = array<vec4f, ROWS * COLUMNS>; // of each row, the lane's columns

// A lane's token of the tile.
fn own_token(row: u32, lane: u32, r: u32) -> u32 { return known_token(row + lane * OWN + r); }

// A lane's column; neighbours of a subgroup load neighbours of a row.
fn column_of(lane: u32, c: u32) -> u32 { return c * LANES + lane; }

// Lanes whose tokens of the block there are.
fn lanes_of_block(first: u32) -> u32 { return min(params.lanes, (params.tokens - first + 3u) / 4u); }

// Adds four channels' products of all rows with the lane's four tokens. `lines`: a channel's numbers of the four.
fn add_products(products: ptr<function, Products>, own: ptr<function, array<vec4f, OWN>>, lines: mat4x4f) {
  for (var i = 0u; i < ROWS; i++) { products[i] += lines * subgroupShuffle(own[i % OWN], i / OWN); }
}

// Adds to all rows what the four tokens of a lane weigh in them. `columns`: the own columns of those four.
fn add_weighted(
  sums: ptr<function, Sums>, weights: ptr<function, Products>, lane: u32, columns: ptr<function, array<mat4x4f, COLUMNS>>,
) {
  for (var i = 0u; i < ROWS; i++) {
    let weight = subgroupShuffle(weights[i], lane);
    for (var c = 0u; c < COLUMNS; c++) { sums[i * COLUMNS + c] += columns[c] * weight; }
  }
}

// The largest of a number of all lanes: a driver's own subgroupMax is a loop.
fn largest_of_lanes(own: f32) -> f32 {
  var largest = own;
  for (var step = 1u; step < LANES; step *= 2u) { largest = max(largest, subgroupShuffleXor(largest, step)); }
  return largest;
}
