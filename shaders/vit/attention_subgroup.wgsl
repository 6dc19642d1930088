enable subgroups;
// use lib/attention_rows.wgsl
// attention.wgsl where a head's row is a whole number of vec4f for each lane of a subgroup: a number is loaded by one lane
// and handed to the others, as in matmul/subgroup.wgsl.
//
// A workgroup has ROWS queries and goes through the keys by blocks of four a lane. First the scores: for every four
// channels a lane loads its own queries and its own four keys, then all queries go round the lanes. A lane then holds the
// scores of its keys against all queries. Their weights go round the lanes in turn, and meet the values' rows, of which
// each lane has its own columns.

const LANES = 8u; // no more than a subgroup has
const OWN = 4u; // queries that a lane loads
const ROWS = OWN * LANES;
const QUADS = 16u; // vec4f of a head's row
const COLUMNS = QUADS / LANES; // of a lane

struct Params {
  tokens: u32, heads: u32, scale: f32,
  lanes: u32, // LANES: a loop to a constant is written out
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(3) var<storage, read_write> new_log_sums: array<f32>; // [images][heads][tokens]: log Σ exp

fn decays(exponent: vec4f) -> vec4f { return select(vec4f(), exp(max(exponent, vec4f(-87.0))), exponent > vec4f(-87.0)); }

@compute @workgroup_size(LANES)
fn attend(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  var query: array<u32, OWN>;
  for (var r = 0u; r < OWN; r++) { query[r] = row_of(image, known_token(row + lane * OWN + r), 0u, head); }
  var sum: array<vec4f, ROWS * COLUMNS>;
  var largest: array<f32, ROWS>;
  var weight: array<f32, ROWS>; // of the lane's own keys
  for (var i = 0u; i < ROWS; i++) { largest[i] = -3.4e38; }

  for (var first = 0u; first < params.tokens; first += 4u * LANES) {
    let key = first + 4u * lane;
    let keys = vec4u(row_of(image, known_token(key), 1u, head), row_of(image, known_token(key + 1u), 1u, head), row_of(image, known_token(key + 2u), 1u, head), row_of(image, known_token(key + 3u), 1u, head));
    var score = array<vec4f, ROWS>();
    for (var d = 0u; d < QUADS; d++) {
      var left: array<vec4f, OWN>;
      for (var r = 0u; r < OWN; r++) { left[r] = qkv[query[r] + d] * params.scale; }
      let right = transpose(mat4x4f(qkv[keys.x + d], qkv[keys.y + d], qkv[keys.z + d], qkv[keys.w + d]));
      for (var i = 0u; i < ROWS; i++) {
        let q = subgroupShuffle(left[i % OWN], i / OWN);
        score[i] += right * q;
      }
    }
    let known = vec4u(key, key + 1u, key + 2u, key + 3u) < vec4u(params.tokens);
    for (var i = 0u; i < ROWS; i++) {
      let own = select(vec4f(-3.4e38), score[i], known);
      let top = max(largest[i], subgroupMax(max(max(own.x, own.y), max(own.z, own.w))));
      let correction = decay(largest[i] - top);
      largest[i] = top;
      score[i] = decays(own - top);
      weight[i] = weight[i] * correction + dot(score[i], vec4f(1.0));
      for (var c = 0u; c < COLUMNS; c++) { sum[i * COLUMNS + c] *= correction; }
    }
    for (var from_ = 0u; from_ < params.lanes; from_++) {
      let value = first + 4u * from_;
      var values: array<mat4x4f, COLUMNS>;
      for (var c = 0u; c < COLUMNS; c++) {
        let column = lane * COLUMNS + c;
        values[c] = mat4x4f(
          qkv[row_of(image, known_token(value), 2u, head) + column], qkv[row_of(image, known_token(value + 1u), 2u, head) + column],
          qkv[row_of(image, known_token(value + 2u), 2u, head) + column], qkv[row_of(image, known_token(value + 3u), 2u, head) + column]);
      }
      for (var i = 0u; i < ROWS; i++) {
        let p = subgroupShuffle(score[i], from_);
        for (var c = 0u; c < COLUMNS; c++) { sum[i * COLUMNS + c] += values[c] * p; }
      }
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    let token = row + i;
    let total = subgroupAdd(weight[i]);
    if (token < params.tokens) {
      if (lane == 0u) { new_log_sums[(image * params.heads + head) * params.tokens + token] = largest[i] + log(total); }
      let to = result_of(image, token, head) + lane * COLUMNS;
      for (var c = 0u; c < COLUMNS; c++) { y[to + c] = sum[i * COLUMNS + c] / total; }
    }
  }
}
