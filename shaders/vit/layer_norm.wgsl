// y = γ·x̂ + β with x̂ = (x − μ)·σ⁻¹, mean and variance over the channels of each row (Ba et al. 2016, arXiv 1607.06450).
// A workgroup treats one row after another, its lanes along the channels.

const WIDTH = 64u; // lanes of a workgroup, a power of two
// What a lane takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
const SCALARS = 4u; // of an element

struct Params { rows: u32, channels: u32, block: u32, epsilon: f32 } // channels in elements; rows of a workgroup
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> gamma: array<Element>;
@group(0) @binding(3) var<storage, read> beta: array<Element>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;
@group(0) @binding(5) var<storage, read_write> new_statistics: array<vec2f>; // μ and σ⁻¹ of each row

var<workgroup> sums: array<vec2f, WIDTH>;

// The sum over all lanes, in one order on every device.
fn across(own: vec2f, lane: u32) -> vec2f {
  workgroupBarrier();
  sums[lane] = own;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { sums[lane] += sums[lane + half]; }
  }
  workgroupBarrier();
  return sums[0];
}

// The sum of an element's numbers; a single one stands in all four places.
fn total(value: Element) -> f32 {
  let others = select(0.0, 1.0, SCALARS == 4u);
  return dot(vec4f(value), vec4f(1.0, others, others, others));
}

@compute @workgroup_size(WIDTH)
fn normalise(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * params.block, params.rows);
  let count = f32(params.channels * SCALARS);
  for (var row = group.x * params.block; row < last; row++) {
    let start = row * params.channels;
    var sum = 0.0;
    for (var c = lane; c < params.channels; c += WIDTH) { sum += total(x[start + c]); }
    let mean = across(vec2f(sum, 0.0), lane).x / count;
    var squares = 0.0;
    for (var c = lane; c < params.channels; c += WIDTH) {
      let distance = x[start + c] - mean;
      squares += total(distance * distance);
    }
    let inverse_std = inverseSqrt(across(vec2f(squares, 0.0), lane).x / count + params.epsilon);
    if (lane == 0u) { new_statistics[row] = vec2f(mean, inverse_std); }
    for (var c = lane; c < params.channels; c += WIDTH) {
      y[start + c] = gamma[c] * ((x[start + c] - mean) * inverse_std) + beta[c];
    }
  }
}

// dx = σ⁻¹·(g − mean(g) − x̂·mean(g·x̂)) with g = γ·dy
@group(0) @binding(3) var<storage, read> dy: array<Element>;
@group(0) @binding(4) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> dx: array<Element>;

@compute @workgroup_size(WIDTH)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let last = min((group.x + 1u) * params.block, params.rows);
  let count = f32(params.channels * SCALARS);
  for (var row = group.x * params.block; row < last; row++) {
    let start = row * params.channels;
    let mean = statistics[row].x;
    let inverse_std = statistics[row].y;
    var own = vec2f();
    for (var c = lane; c < params.channels; c += WIDTH) {
      let g = gamma[c] * dy[start + c];
      own += vec2f(total(g), total(g * (x[start + c] - mean)));
    }
    let means = across(own, lane) / count;
    for (var c = lane; c < params.channels; c += WIDTH) {
      let g = gamma[c] * dy[start + c];
      dx[start + c] = inverse_std * (g - means.x - (x[start + c] - mean) * (inverse_std * inverse_std * means.y));
    }
  }
}

// Partial sums of dβ = Σ dy and dγ = Σ dy·x̂ over blocks of rows; a lane has its own channels.
@group(0) @binding(5) var<storage, read_write> beta_parts: array<Element>; // [blocks][C]
@group(0) @binding(6) var<storage, read_write> gamma_parts: array<Element>; // [blocks][C]

@compute @workgroup_size(WIDTH)
fn parameter_sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let last = min((group.y + 1u) * params.block, params.rows);
  var sum = Element();
  var product = Element();
  for (var row = group.y * params.block; row < last; row++) {
    let own = dy[row * params.channels + c];
    sum += own;
    product += own * ((x[row * params.channels + c] - statistics[row].x) * statistics[row].y);
  }
  beta_parts[group.y * params.channels + c] = sum;
  gamma_parts[group.y * params.channels + c] = product;
}
