enable subgroups;
// use lib/attention_rows.wgsl
// use lib/attention_tile.wgsl
// attention.wgsl where a head's row is a whole number of vec4f for each lane of a subgroup. A lane has the scores of its
// own four keys of a block against all queries of the tile, and its own columns of the values.

const LANES = 8u; // no more than a subgroup has
const OWN = 4u; // queries that a lane loads
const QUADS = 16u; // vec4f of a head's row

struct Params {
  tokens: u32, heads: u32,
  scale: f32, // of scores in powers of two: log₂ e/√D
  lanes: u32, quads: u32, // LANES and QUADS: a loop to a constant is written out
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(3) var<storage, read_write> new_log_sums: array<f32>; // [images][heads][tokens]: log₂ Σ 2^score

@compute @workgroup_size(LANES)
fn attend(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  var query: array<u32, OWN>;
  for (var r = 0u; r < OWN; r++) { query[r] = row_of(image, own_token(row, lane, r), 0u, head); }
  var sum: Sums;
  var largest: array<f32, ROWS>;
  var weight: array<f32, ROWS>; // of the lane's own keys
  for (var i = 0u; i < ROWS; i++) { largest[i] = -3.4e38; }

  for (var first = 0u; first < params.tokens; first += BLOCK) {
    let key = first + 4u * lane;
    let keys = rows_of(image, four_tokens(key), 1u, head);
    var score = Products();
    for (var d = 0u; d < params.quads; d++) {
      var own: array<vec4f, OWN>;
      for (var r = 0u; r < OWN; r++) { own[r] = qkv[query[r] + d]; }
      add_products(&score, &own, qkv_lines(keys + d));
    }
    let known = key + vec4u(0u, 1u, 2u, 3u) < vec4u(params.tokens);
    for (var i = 0u; i < ROWS; i++) {
      let own = select(vec4f(-3.4e38), score[i] * params.scale, known);
      let top = max(largest[i], largest_of_lanes(max(max(own.x, own.y), max(own.z, own.w))));
      let correction = weight_of(largest[i] - top);
      largest[i] = top;
      score[i] = weights_of(own - top);
      weight[i] = weight[i] * correction + dot(score[i], vec4f(1.0));
      for (var c = 0u; c < COLUMNS; c++) { sum[i * COLUMNS + c] *= correction; }
    }
    for (var from_ = 0u; from_ < lanes_of_block(first); from_++) {
      let values = rows_of(image, four_tokens(first + 4u * from_), 2u, head);
      var columns: array<mat4x4f, COLUMNS>;
      for (var c = 0u; c < COLUMNS; c++) {
        let at = values + column_of(lane, c);
        columns[c] = mat4x4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);
      }
      add_weighted(&sum, &score, from_, &columns);
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    let token = row + i;
    let total = subgroupAdd(weight[i]);
    if (token < params.tokens) {
      if (lane == 0u) { new_log_sums[(image * params.heads + head) * params.tokens + token] = largest[i] + log2(total); }
      let to = result_of(image, token, head);
      for (var c = 0u; c < COLUMNS; c++) { y[to + column_of(lane, c)] = sum[i * COLUMNS + c] / total; }
    }
  }
}
