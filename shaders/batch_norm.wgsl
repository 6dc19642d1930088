// Batch normalisation over rows x[M][C], M = N·H·W, with an optional residual and ReLU behind it:
//   x̂ = (x − μ)·σ⁻¹,   y = max(γ·x̂ + β + residual, 0)
// A lane keeps to one channel and walks down a block of rows.

const WIDTH = 64u;
const RELU = true;
const RESIDUAL = false;

struct Params { rows: u32, channels: u32, block: u32, blocks: u32, epsilon: f32, momentum: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>; // μ
@group(0) @binding(3) var<storage, read> inverse_std: array<f32>; // σ⁻¹ = 1/√(variance + ε)
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> residual: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WIDTH)
fn normalise(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let scale = gamma[c] * inverse_std[c];
  let shift = beta[c] - mean[c] * scale;
  let last = min((group.y + 1u) * params.block, params.rows);
  for (var row = group.y * params.block; row < last; row++) {
    let i = row * params.channels + c;
    var value = x[i] * scale + shift;
    if (RESIDUAL) { value += residual[i]; }
    if (RELU) { value = max(value, 0.0); }
    y[i] = value;
  }
}

// Mean and Σ(x − mean)² of each block, from sums shifted by the block's first row: E[x²] − E[x]² would lose all
// digits where the mean is large beside the deviation.
@group(0) @binding(2) var<storage, read_write> partial: array<f32>; // [blocks][2][C]

@compute @workgroup_size(WIDTH)
fn statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let first = group.y * params.block;
  let last = min(first + params.block, params.rows);
  let shift = x[first * params.channels + c];
  var sum = 0.0;
  var squares = 0.0;
  for (var row = first; row < last; row++) {
    let d = x[row * params.channels + c] - shift;
    sum += d;
    squares += d * d;
  }
  let count = f32(last - first);
  partial[(2u * group.y) * params.channels + c] = shift + sum / count;
  partial[(2u * group.y + 1u) * params.channels + c] = max(squares - sum * sum / count, 0.0);
}

// Joins the blocks' statistics in their order (Chan, Golub & LeVeque 1979) and moves the running ones; the running
// variance takes the unbiased estimate, as PyTorch's does.
@group(0) @binding(1) var<storage, read> parts: array<f32>; // [blocks][2][C]
@group(0) @binding(2) var<storage, read_write> running_mean: array<f32>;
@group(0) @binding(3) var<storage, read_write> running_variance: array<f32>;
@group(0) @binding(4) var<storage, read_write> new_mean: array<f32>;
@group(0) @binding(5) var<storage, read_write> new_inverse_std: array<f32>;

@compute @workgroup_size(WIDTH)
fn join_statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  var count = 0.0;
  var average = 0.0;
  var squares = 0.0;
  for (var part = 0u; part < params.blocks; part++) {
    let more = f32(min(params.block, params.rows - part * params.block));
    let delta = parts[2u * part * params.channels + c] - average;
    let total = count + more;
    average += delta * more / total;
    squares += parts[(2u * part + 1u) * params.channels + c] + delta * delta * count * more / total;
    count = total;
  }
  new_mean[c] = average;
  new_inverse_std[c] = inverseSqrt(squares / count + params.epsilon);
  running_mean[c] += params.momentum * (average - running_mean[c]);
  running_variance[c] += params.momentum * (squares / max(count - 1.0, 1.0) - running_variance[c]);
}

// The statistics of evaluation mode, in the form that `normalise` takes.
@compute @workgroup_size(WIDTH)
fn running_statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  new_mean[c] = running_mean[c];
  new_inverse_std[c] = inverseSqrt(running_variance[c] + params.epsilon);
}
