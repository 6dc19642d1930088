enable subgroups;
// use lib/attention_rows.wgsl
// use lib/attention_tile.wgsl
// attention_gradient.wgsl by tiles of a subgroup, as attention_subgroup.wgsl: first the products of a tile's rows with a
// block's tokens, four a lane, then what those tokens add to the rows.

const LANES = 8u; // no more than a subgroup has
const OWN = 4u; // tokens of the tile that a lane loads
const QUADS = 16u; // vec4f of a head's row

struct Params {
  tokens: u32, heads: u32,
  scale: f32, // of scores in powers of two: log₂ e/√D
  factor: f32, // 1/√D
  lanes: u32, quads: u32, // LANES and QUADS: a loop to a constant is written out
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read> log_sums: array<f32>; // [images][heads][tokens]
@group(0) @binding(3) var<storage, read> dy: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(4) var<storage, read> products: array<f32>; // [images][heads][tokens]: dy·y
@group(0) @binding(5) var<storage, read_write> gradient: array<vec4f>; // of qkv

// Four channels of four tokens, by channel.
fn dy_lines(at: vec4u) -> mat4x4f { return transpose(mat4x4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w])); }

// A tile of queries against blocks of keys and values.
@compute @workgroup_size(LANES)
fn query_gradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  let statistics = (image * params.heads + head) * params.tokens;
  var query: array<u32, OWN>;
  var upstream: array<u32, OWN>;
  for (var r = 0u; r < OWN; r++) {
    query[r] = row_of(image, own_token(row, lane, r), 0u, head);
    upstream[r] = result_of(image, own_token(row, lane, r), head);
  }
  var sum: Sums;

  for (var first = 0u; first < params.tokens; first += BLOCK) {
    let tokens = four_tokens(first + 4u * lane);
    let keys = rows_of(image, tokens, 1u, head);
    let values = rows_of(image, tokens, 2u, head);
    var score = Products();
    var along = Products();
    for (var d = 0u; d < params.quads; d++) {
      var own: array<vec4f, OWN>;
      for (var r = 0u; r < OWN; r++) { own[r] = qkv[query[r] + d]; }
      add_products(&score, &own, qkv_lines(keys + d));
      for (var r = 0u; r < OWN; r++) { own[r] = dy[upstream[r] + d]; }
      add_products(&along, &own, qkv_lines(values + d));
    }
    let known = first + 4u * lane + vec4u(0u, 1u, 2u, 3u) < vec4u(params.tokens);
    for (var i = 0u; i < ROWS; i++) {
      let at = statistics + known_token(row + i);
      let p = weights_of(score[i] * params.scale - log_sums[at]);
      score[i] = select(vec4f(), p * (along[i] - products[at]), known);
    }
    for (var from_ = 0u; from_ < lanes_of_block(first); from_++) {
      let rows = rows_of(image, four_tokens(first + 4u * from_), 1u, head);
      var columns: array<mat4x4f, COLUMNS>;
      for (var c = 0u; c < COLUMNS; c++) {
        let at = rows + column_of(lane, c);
        columns[c] = mat4x4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);
      }
      add_weighted(&sum, &score, from_, &columns);
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    if (row + i < params.tokens) {
      let to = row_of(image, row + i, 0u, head);
      for (var c = 0u; c < COLUMNS; c++) { gradient[to + column_of(lane, c)] = sum[i * COLUMNS + c] * params.factor; }
    }
  }
}

// A tile of keys and their values against blocks of queries.
@compute @workgroup_size(LANES)
fn key_gradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  let statistics = (image * params.heads + head) * params.tokens;
  var key: array<u32, OWN>;
  var value: array<u32, OWN>;
  for (var r = 0u; r < OWN; r++) {
    key[r] = row_of(image, own_token(row, lane, r), 1u, head);
    value[r] = row_of(image, own_token(row, lane, r), 2u, head);
  }
  var key_sum: Sums;
  var value_sum: Sums;

  for (var first = 0u; first < params.tokens; first += BLOCK) {
    let tokens = four_tokens(first + 4u * lane);
    let queries = rows_of(image, tokens, 0u, head);
    let upstreams = results_of(image, tokens, head);
    var weight = Products();
    var along = Products();
    for (var d = 0u; d < params.quads; d++) {
      var own: array<vec4f, OWN>;
      for (var r = 0u; r < OWN; r++) { own[r] = qkv[key[r] + d]; }
      add_products(&weight, &own, qkv_lines(queries + d));
      for (var r = 0u; r < OWN; r++) { own[r] = qkv[value[r] + d]; }
      add_products(&along, &own, dy_lines(upstreams + d));
    }
    let known = first + 4u * lane + vec4u(0u, 1u, 2u, 3u) < vec4u(params.tokens);
    let at = statistics + tokens;
    let log_sum = vec4f(log_sums[at.x], log_sums[at.y], log_sums[at.z], log_sums[at.w]);
    let product = vec4f(products[at.x], products[at.y], products[at.z], products[at.w]);
    for (var i = 0u; i < ROWS; i++) {
      weight[i] = select(vec4f(), weights_of(weight[i] * params.scale - log_sum), known);
      along[i] = weight[i] * (along[i] - product);
    }
    for (var from_ = 0u; from_ < lanes_of_block(first); from_++) {
      let others = four_tokens(first + 4u * from_);
      let query_rows = rows_of(image, others, 0u, head);
      let upstream_rows = results_of(image, others, head);
      var columns: array<mat4x4f, COLUMNS>;
      for (var c = 0u; c < COLUMNS; c++) {
        let at = query_rows + column_of(lane, c);
        columns[c] = mat4x4f(qkv[at.x], qkv[at.y], qkv[at.z], qkv[at.w]);
      }
      add_weighted(&key_sum, &along, from_, &columns);
      for (var c = 0u; c < COLUMNS; c++) {
        let at = upstream_rows + column_of(lane, c);
        columns[c] = mat4x4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
      }
      add_weighted(&value_sum, &weight, from_, &columns);
    }
  }

  for (var i = 0u; i < ROWS; i++) {
    if (row + i < params.tokens) {
      let keys = row_of(image, row + i, 1u, head);
      let values = row_of(image, row + i, 2u, head);
      for (var c = 0u; c < COLUMNS; c++) {
        gradient[keys + column_of(lane, c)] = key_sum[i * COLUMNS + c] * params.factor;
        gradient[values + column_of(lane, c)] = value_sum[i * COLUMNS + c];
      }
    }
  }
}
