// use lib/attention_rows.wgsl
// The gradient of attention.wgsl, by blocks as well: the scores are computed again from q and k. With p = 2^(s − log₂ Σ 2^s), where
// s is the score in powers of two:
//   dv_j = Σ_i p_ij·dy_i,   ds_ij = p_ij·(dy_i·v_j − dy_i·y_i),   dq_i = Σ_j ds_ij·k_j/√D,   dk_j = Σ_i ds_ij·q_i/√D

const LANES = 8u;
const QUADS = 16u; // vec4f of a head's row

struct Params {
  tokens: u32, heads: u32,
  scale: f32, // of scores in powers of two: log₂ e/√D
  factor: f32, // 1/√D
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read> y: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(3) var<storage, read> dy: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> new_products: array<f32>; // [images][heads][tokens]: dy·y

@compute @workgroup_size(LANES)
fn row_products(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let token = group.x * LANES + lane;
  if (token >= params.tokens) { return; }
  let at = result_of(group.z, token, group.y);
  var sum = 0.0;
  for (var d = 0u; d < QUADS; d++) { sum += dot(dy[at + d], y[at + d]); }
  new_products[(group.z * params.heads + group.y) * params.tokens + token] = sum;
}

@group(0) @binding(2) var<storage, read> log_sums: array<f32>; // [images][heads][tokens]
@group(0) @binding(4) var<storage, read> products: array<f32>; // [images][heads][tokens]: dy·y
@group(0) @binding(5) var<storage, read_write> gradient: array<vec4f>; // of qkv

// A lane's query against all keys.
@compute @workgroup_size(LANES)
fn query_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let image = group.z;
  let head = group.y;
  let own = group.x * LANES + lane;
  let token = known_token(own);
  let statistic = (image * params.heads + head) * params.tokens + token;
  let log_sum = log_sums[statistic];
  let product = products[statistic];
  var query: array<vec4f, QUADS>;
  var upstream: array<vec4f, QUADS>;
  var sum: array<vec4f, QUADS>;
  for (var d = 0u; d < QUADS; d++) {
    query[d] = qkv[row_of(image, token, 0u, head) + d] * params.scale;
    upstream[d] = dy[result_of(image, token, head) + d];
  }
  for (var other = 0u; other < params.tokens; other++) {
    let key = row_of(image, other, 1u, head);
    let value = row_of(image, other, 2u, head);
    var score = 0.0;
    var along = 0.0;
    for (var d = 0u; d < QUADS; d++) {
      score += dot(query[d], qkv[key + d]);
      along += dot(upstream[d], qkv[value + d]);
    }
    let slope = weight_of(score - log_sum) * (along - product) * params.factor;
    for (var d = 0u; d < QUADS; d++) { sum[d] += slope * qkv[key + d]; }
  }
  if (own >= params.tokens) { return; }
  for (var d = 0u; d < QUADS; d++) { gradient[row_of(image, own, 0u, head) + d] = sum[d]; }
}

// A lane's key and value against all queries.
@compute @workgroup_size(LANES)
fn key_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let image = group.z;
  let head = group.y;
  let own = group.x * LANES + lane;
  let token = known_token(own);
  var key: array<vec4f, QUADS>;
  var value: array<vec4f, QUADS>;
  var key_sum: array<vec4f, QUADS>;
  var value_sum: array<vec4f, QUADS>;
  for (var d = 0u; d < QUADS; d++) {
    key[d] = qkv[row_of(image, token, 1u, head) + d] * params.scale;
    value[d] = qkv[row_of(image, token, 2u, head) + d];
  }
  for (var other = 0u; other < params.tokens; other++) {
    let query = row_of(image, other, 0u, head);
    let upstream = result_of(image, other, head);
    let statistic = (image * params.heads + head) * params.tokens + other;
    var score = 0.0;
    var along = 0.0;
    for (var d = 0u; d < QUADS; d++) {
      score += dot(key[d], qkv[query + d]);
      along += dot(value[d], dy[upstream + d]);
    }
    let p = weight_of(score - log_sums[statistic]);
    let slope = p * (along - products[statistic]) * params.factor;
    for (var d = 0u; d < QUADS; d++) {
      value_sum[d] += p * dy[upstream + d];
      key_sum[d] += slope * qkv[query + d];
    }
  }
  if (own >= params.tokens) { return; }
  for (var d = 0u; d < QUADS; d++) {
    gradient[row_of(image, own, 1u, head) + d] = key_sum[d];
    gradient[row_of(image, own, 2u, head) + d] = value_sum[d];
  }
}
