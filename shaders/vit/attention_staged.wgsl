// use lib/attention_rows.wgsl
// use lib/attention_panels.wgsl
// attention.wgsl by tiles in workgroup memory, for graphics cards.

const LANE_ROWS = 4u;
const QUADS = 8u; // vec4f of a head's row

struct Params {
  tokens: u32, heads: u32,
  scale: f32, // of scores in powers of two: log₂ e/√D
  numbers: u32, block: u32, // NUMBERS and BLOCK: a loop to a constant is written out
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(3) var<storage, read_write> new_log_sums: array<f32>; // [images][heads][tokens]: log₂ Σ 2^score

@compute @workgroup_size(LANES)
fn attend(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  stage_rows(image, row, 0u, head, lane);
  var sums = Sums();
  var largest = vec4f(-3.4e38); // of the lane's four rows
  var weight = vec4f(); // of the lane's own keys in them

  for (var first = 0u; first < params.tokens; first += BLOCK) {
    workgroupBarrier();
    stage_block(image, first, 1u, head, lane);
    workgroupBarrier();
    var score = products_of_block(lane);
    let key = first + 4u * (lane % LANE_COLUMNS);
    for (var t = 0u; t < 4u; t++) {
      score[t] = select(vec4f(-3.4e38), score[t] * params.scale, key + t < params.tokens);
    }
    let own = max(max(score[0], score[1]), max(score[2], score[3]));
    let top = max(largest, largest_of_lanes(own, lane));
    let correction = weights_of(largest - top);
    largest = top;
    for (var t = 0u; t < 4u; t++) { score[t] = weights_of(score[t] - top); }
    weight = weight * correction + score[0] + score[1] + score[2] + score[3];
    put_weights(lane, score);
    stage_values(image, first, 2u, head, lane);
    workgroupBarrier();
    for (var c = 0u; c < COLUMNS; c++) {
      for (var r = 0u; r < 4u; r++) { sums[c][r] *= correction[r]; }
    }
    add_weighted(&sums, lane);
  }

  let total = sum_of_lanes(weight, lane);
  for (var r = 0u; r < 4u; r++) {
    let token = token_of(row, lane, r);
    if (token < params.tokens) {
      if (lane % LANE_COLUMNS == 0u) {
        new_log_sums[(image * params.heads + head) * params.tokens + token] = largest[r] + log2(total[r]);
      }
      let to = result_of(image, token, head);
      for (var c = 0u; c < COLUMNS; c++) { y[to + column_of(lane, c)] = sums[c][r] / total[r]; }
    }
  }
}
