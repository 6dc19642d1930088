// use lib/attention_rows.wgsl
// y = softmax(q·kᵀ/√D)·v for each head of each image, by blocks of keys: no matrix of tokens × tokens is ever stored (the
// online softmax of Dao et al. 2022, arXiv 2205.14135). Rows of qkv hold q, then k, then v of all heads.
//
// A lane owns QUERIES queries. Keys are the same for all lanes of a workgroup, so that a software adapter loads them as
// scalars, and a number of the query serves KEYS of them.

const LANES = 8u;
const QUERIES = 2u; // of a lane
const KEYS = 8u; // of a block
const QUADS = 16u; // vec4f of a head's row

struct Params {
  tokens: u32, heads: u32,
  scale: f32, // of scores in powers of two: log₂ e/√D
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(3) var<storage, read_write> new_log_sums: array<f32>; // [images][heads][tokens]: log₂ Σ 2^score

// The token of a lane's r-th query.
fn query_of(group: vec3u, lane: u32, r: u32) -> u32 { return (group.x * QUERIES + r) * LANES + lane; }

@compute @workgroup_size(LANES)
fn attend(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let image = group.z;
  let head = group.y;
  var query: array<vec4f, QUERIES * QUADS>;
  var sum: array<vec4f, QUERIES * QUADS>;
  var largest: array<f32, QUERIES>;
  var weight: array<f32, QUERIES>;
  for (var r = 0u; r < QUERIES; r++) {
    let from_ = row_of(image, known_token(query_of(group, lane, r)), 0u, head);
    for (var d = 0u; d < QUADS; d++) { query[r * QUADS + d] = qkv[from_ + d] * params.scale; }
    largest[r] = -3.4e38;
  }
  for (var first = 0u; first < params.tokens; first += KEYS) {
    var score = array<f32, QUERIES * KEYS>();
    for (var d = 0u; d < QUADS; d++) {
      for (var j = 0u; j < KEYS; j++) {
        let key = qkv[row_of(image, known_token(first + j), 1u, head) + d];
        for (var r = 0u; r < QUERIES; r++) { score[r * KEYS + j] += dot(query[r * QUADS + d], key); }
      }
    }
    var correction: array<f32, QUERIES>;
    for (var r = 0u; r < QUERIES; r++) {
      var top = largest[r];
      for (var j = 0u; j < KEYS; j++) {
        if (first + j < params.tokens) { top = max(top, score[r * KEYS + j]); }
      }
      correction[r] = weight_of(largest[r] - top);
      largest[r] = top;
      weight[r] *= correction[r];
      for (var j = 0u; j < KEYS; j++) {
        let p = select(0.0, weight_of(score[r * KEYS + j] - top), first + j < params.tokens);
        score[r * KEYS + j] = p;
        weight[r] += p;
      }
    }
    for (var d = 0u; d < QUADS; d++) {
      var part: array<vec4f, QUERIES>;
      for (var r = 0u; r < QUERIES; r++) { part[r] = sum[r * QUADS + d] * correction[r]; }
      for (var j = 0u; j < KEYS; j++) {
        let value = qkv[row_of(image, known_token(first + j), 2u, head) + d];
        for (var r = 0u; r < QUERIES; r++) { part[r] += score[r * KEYS + j] * value; }
      }
      for (var r = 0u; r < QUERIES; r++) { sum[r * QUADS + d] = part[r]; }
    }
  }
  for (var r = 0u; r < QUERIES; r++) {
    let token = query_of(group, lane, r);
    if (token >= params.tokens) { continue; }
    new_log_sums[(image * params.heads + head) * params.tokens + token] = largest[r] + log2(weight[r]);
    let to = result_of(image, token, head);
    for (var d = 0u; d < QUADS; d++) { y[to + d] = sum[r * QUADS + d] / weight[r]; }
  }
}
