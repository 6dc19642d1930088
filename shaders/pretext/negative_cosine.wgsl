// What a prediction p_i [rows, columns] lacks to its target, the other view's row t_j with j = (i + rows/2) mod rows:
//   L = offset − factor · mean over i of cos(p_i, t_j),   ∂L/∂p_i = −factor/rows · (t̂_j − cos·p̂_i)/‖p_i‖
// No gradient goes to the targets. One row an invocation.

const WIDTH = 8u;

struct Params { rows: u32, columns: u32, factor: f32, offset: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<f32>;
@group(0) @binding(3) var<storage, read_write> new_statistics: array<f32>; // [3][rows]: 1/‖p_i‖, 1/‖t_j‖, their cosine

// Below the smallest square that f32 holds as a normal number a row counts as zero.
fn inverse(squares: f32) -> f32 { return select(0.0, inverseSqrt(squares), squares > 1.2e-38); }

@compute @workgroup_size(WIDTH)
fn compare(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.rows) { return; }
  let p = row * params.columns;
  let t = (row + params.rows / 2u) % params.rows * params.columns;
  var own = 0.0;
  var other = 0.0;
  var product = 0.0;
  for (var k = 0u; k < params.columns; k++) {
    own += predictions[p + k] * predictions[p + k];
    other += targets[t + k] * targets[t + k];
    product += predictions[p + k] * targets[t + k];
  }
  new_statistics[row] = inverse(own);
  new_statistics[params.rows + row] = inverse(other);
  new_statistics[2u * params.rows + row] = product * inverse(own) * inverse(other);
}

@group(0) @binding(1) var<storage, read> statistics: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>; // the mean cosine

// By one invocation in the order of the rows.
@compute @workgroup_size(1)
fn means() {
  var sum = 0.0;
  for (var row = 0u; row < params.rows; row++) { sum += statistics[2u * params.rows + row]; }
  let mean = sum / f32(params.rows);
  loss[0] = params.offset - params.factor * mean;
  metrics[0] = mean;
}

@group(0) @binding(3) var<storage, read> saved: array<f32>; // [3][rows]
@group(0) @binding(4) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(WIDTH)
fn gradients(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.rows) { return; }
  let p = row * params.columns;
  let t = (row + params.rows / 2u) % params.rows * params.columns;
  let own = saved[row];
  let other = saved[params.rows + row];
  let cosine = saved[2u * params.rows + row];
  let weight = -params.factor / f32(params.rows) * loss_gradient[0] * own;
  for (var k = 0u; k < params.columns; k++) {
    gradient[p + k] = weight * (targets[t + k] * other - cosine * predictions[p + k] * own);
  }
}
