// The gradients of batch_norm.wgsl, from dy, with the ReLU's mask taken from its output y. With g = dy·[y > 0]:
//   dβ = Σ g,   dγ = Σ g·x̂,   dx = γ·σ⁻¹·(g − dβ/M − x̂·dγ/M)
// and dx = γ·σ⁻¹·g where the statistics are constants (evaluation).

const WIDTH = 64u;
const RELU = true;
const TRAINING = true;

struct Params { rows: u32, channels: u32, block: u32, blocks: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> inverse_std: array<f32>;
@group(0) @binding(6) var<storage, read_write> partial: array<f32>; // [blocks][2][C]

@compute @workgroup_size(WIDTH)
fn parameter_sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let mu = mean[c];
  let last = min((group.y + 1u) * params.block, params.rows);
  var sum = 0.0;
  var product = 0.0;
  for (var row = group.y * params.block; row < last; row++) {
    let i = row * params.channels + c;
    var g = dy[i];
    if (RELU) { g = select(0.0, g, y[i] > 0.0); }
    sum += g;
    product += g * (x[i] - mu);
  }
  partial[(2u * group.y) * params.channels + c] = sum;
  partial[(2u * group.y + 1u) * params.channels + c] = product * inverse_std[c];
}

// dβ, dγ, and the coefficients of dx = scale·g + slope·(x − μ) + offset by channel.
@group(0) @binding(1) var<storage, read> parts: array<f32>; // [blocks][2][C]
@group(0) @binding(2) var<storage, read_write> beta_gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> gamma_gradient: array<f32>;
@group(0) @binding(6) var<storage, read> gamma: array<f32>;
@group(0) @binding(7) var<storage, read_write> new_coefficients: array<f32>; // [3][C]: scale, slope, offset

@compute @workgroup_size(WIDTH)
fn parameter_gradients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  var sum = 0.0;
  var product = 0.0;
  for (var part = 0u; part < params.blocks; part++) {
    sum += parts[(2u * part) * params.channels + c];
    product += parts[(2u * part + 1u) * params.channels + c];
  }
  beta_gradient[c] = sum;
  gamma_gradient[c] = product;
  let scale = gamma[c] * inverse_std[c];
  var slope = 0.0;
  var offset = 0.0;
  if (TRAINING) {
    slope = -scale * inverse_std[c] * product / f32(params.rows);
    offset = -scale * sum / f32(params.rows);
  }
  new_coefficients[c] = scale;
  new_coefficients[params.channels + c] = slope;
  new_coefficients[2u * params.channels + c] = offset;
}

@group(0) @binding(5) var<storage, read> coefficients: array<f32>; // [3][C]
@group(0) @binding(6) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WIDTH)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let scale = coefficients[c];
  let slope = coefficients[params.channels + c];
  let offset = coefficients[2u * params.channels + c];
  let mu = mean[c];
  let last = min((group.y + 1u) * params.block, params.rows);
  for (var row = group.y * params.block; row < last; row++) {
    let i = row * params.channels + c;
    var g = dy[i];
    if (RELU) { g = select(0.0, g, y[i] > 0.0); }
    dx[i] = scale * g + slope * (x[i] - mu) + offset;
  }
}
