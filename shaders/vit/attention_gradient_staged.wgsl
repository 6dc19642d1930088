// use lib/attention_rows.wgsl
// use lib/attention_panels.wgsl
// attention_gradient.wgsl by tiles in workgroup memory, for graphics cards.

const LANE_ROWS = 4u;
const QUADS = 8u; // vec4f of a head's row

struct Params {
  tokens: u32, heads: u32,
  scale: f32, // of scores in powers of two: log₂ e/√D
  factor: f32, // 1/√D
  numbers: u32, block: u32, // NUMBERS and BLOCK: a loop to a constant is written out
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>; // [images][tokens][3][heads][QUADS]
@group(0) @binding(2) var<storage, read> log_sums: array<f32>; // [images][heads][tokens]
@group(0) @binding(3) var<storage, read> dy: array<vec4f>; // [images][tokens][heads][QUADS]
@group(0) @binding(4) var<storage, read> products: array<f32>; // [images][heads][tokens]: dy·y
@group(0) @binding(5) var<storage, read_write> gradient: array<vec4f>; // of qkv

fn dy_lines(at: vec4u) -> mat4x4f { return transpose(mat4x4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w])); }

// A tile of queries against blocks of keys and values.
@compute @workgroup_size(LANES)
fn query_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  let own = (image * params.heads + head) * params.tokens + four_tokens(token_of(row, lane, 0u));
  let log_sum = vec4f(log_sums[own.x], log_sums[own.y], log_sums[own.z], log_sums[own.w]);
  let product = vec4f(products[own.x], products[own.y], products[own.z], products[own.w]);
  var sums = Sums();

  for (var first = 0u; first < params.tokens; first += BLOCK) {
    workgroupBarrier();
    stage_rows(image, row, 0u, head, lane);
    stage_block(image, first, 1u, head, lane);
    workgroupBarrier();
    var slope = products_of_block(lane);
    workgroupBarrier();
    for (var place = lane; place < LANE_ROWS * QUADS; place += LANES) {
      put_rows(place, dy_lines(results_of(image, four_tokens(row + 4u * four_of(place)), head) + quad_of(place)));
    }
    stage_block(image, first, 2u, head, lane);
    workgroupBarrier();
    let along = products_of_block(lane);
    let key = first + 4u * (lane % LANE_COLUMNS);
    for (var t = 0u; t < 4u; t++) {
      let p = weights_of(slope[t] * params.scale - log_sum);
      slope[t] = select(vec4f(), p * (along[t] - product), key + t < params.tokens);
    }
    put_weights(lane, slope);
    workgroupBarrier();
    stage_values(image, first, 1u, head, lane);
    workgroupBarrier();
    add_weighted(&sums, lane);
  }

  for (var r = 0u; r < 4u; r++) {
    let token = token_of(row, lane, r);
    if (token < params.tokens) {
      let to = row_of(image, token, 0u, head);
      for (var c = 0u; c < COLUMNS; c++) { gradient[to + column_of(lane, c)] = sums[c][r] * params.factor; }
    }
  }
}

// A tile of keys and their values against blocks of queries.
@compute @workgroup_size(LANES)
fn key_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let image = group.z;
  let head = group.y;
  let row = group.x * ROWS;
  let statistics = (image * params.heads + head) * params.tokens;
  var key_sums = Sums();
  var value_sums = Sums();

  for (var first = 0u; first < params.tokens; first += BLOCK) {
    workgroupBarrier();
    stage_rows(image, row, 1u, head, lane);
    stage_block(image, first, 0u, head, lane);
    workgroupBarrier();
    var weights = products_of_block(lane);
    workgroupBarrier();
    stage_rows(image, row, 2u, head, lane);
    for (var place = lane; place < LANE_COLUMNS * QUADS; place += LANES) {
      put_block(place, dy_lines(results_of(image, four_tokens(first + 4u * four_of(place)), head) + quad_of(place)));
    }
    workgroupBarrier();
    var slope = products_of_block(lane);
    for (var t = 0u; t < 4u; t++) {
      let query = first + 4u * (lane % LANE_COLUMNS) + t;
      let at = statistics + known_token(query);
      weights[t] = select(vec4f(), weights_of(weights[t] * params.scale - log_sums[at]), query < params.tokens);
      slope[t] = weights[t] * (slope[t] - products[at]);
    }
    put_weights(lane, slope);
    workgroupBarrier();
    stage_values(image, first, 0u, head, lane);
    workgroupBarrier();
    add_weighted(&key_sums, lane);
    workgroupBarrier();
    put_weights(lane, weights);
    for (var place = lane; place < BLOCK * QUADS; place += LANES) {
      let from_ = result_of(image, known_token(first + place / QUADS), head);
      block_panel[place / QUADS * VALUE_PITCH + quad_of(place)] = dy[from_ + quad_of(place)];
    }
    workgroupBarrier();
    add_weighted(&value_sums, lane);
  }

  for (var r = 0u; r < 4u; r++) {
    let token = token_of(row, lane, r);
    if (token < params.tokens) {
      let keys = row_of(image, token, 1u, head);
      let values = row_of(image, token, 2u, head);
      for (var c = 0u; c < COLUMNS; c++) {
        gradient[keys + column_of(lane, c)] = key_sums[c][r] * params.factor;
        gradient[values + column_of(lane, c)] = value_sums[c][r];
      }
    }
  }
}
