// use lib/linear.wgsl
// VICReg (Bardes, Ponce & LeCun 2022, arXiv 2105.04906) over x [2N, D], first views before second ones: with x̄ the rows
// less their view's mean, C = x̄ᵀx̄/(N − 1) of a view and σ_j = √(C_jj + ε),
//   L = λ/(N·D) Σ (x − x')² + μ/(2D) Σ over views and j of max(0, γ − σ_j) + ν/D Σ over views of Σ_{i≠j} C_ij²
//   ∂L/∂x = 2λ/(N·D) (x − x') + x̄·M,   M_ij = 4ν C_ij/(D(N − 1)),   M_jj = −μ/(2D(N − 1)σ_j) where σ_j < γ, else 0
// x̄·M has mean 0 in every column already, so the way back through the mean changes nothing.

const WIDTH = 64u;
const VARIANCE_EPSILON = 1e-4;

struct Params { images: u32, columns: u32, invariance: f32, variance: f32, covariance: f32, deviation: f32 } // λ, μ, ν, γ
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [2N][D]
@group(0) @binding(2) var<storage, read_write> centred: array<f32>; // [2N][D]
@group(0) @binding(3) var<storage, read_write> invariances: array<f32>; // [D]: Σ over images of (x − x')²

// A column of both views an invocation.
@compute @workgroup_size(WIDTH)
fn centre(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  if (j >= params.columns) { return; }
  let view = params.images * params.columns;
  var sums = vec2f(0.0);
  var squares = 0.0;
  for (var i = 0u; i < params.images; i++) {
    let at = i * params.columns + j;
    let difference = x[at] - x[view + at];
    squares += difference * difference;
    sums += vec2f(x[at], x[view + at]);
  }
  let mean = sums / f32(params.images);
  for (var i = 0u; i < params.images; i++) {
    let at = i * params.columns + j;
    centred[at] = x[at] - mean.x;
    centred[view + at] = x[view + at] - mean.y;
  }
  invariances[j] = squares;
}

@group(0) @binding(1) var<storage, read_write> products: array<f32>; // [2][D][D]: x̄ᵀx̄, then M
@group(0) @binding(2) var<storage, read_write> terms: array<f32>; // [3][2D]: Σ_{i≠j} C_ij², max(0, γ − σ_j), σ_j

// A row of a view's matrix an invocation, which is its column too.
@compute @workgroup_size(WIDTH)
fn regularise(@builtin(global_invocation_id) id: vec3u) {
  let d = params.columns;
  if (id.x >= 2u * d) { return; }
  let j = id.x % d;
  let first = id.x * d;
  let degrees = f32(params.images - 1u);
  let scale = 4.0 * params.covariance / (f32(d) * degrees);
  let sigma = sqrt(products[first + j] / degrees + VARIANCE_EPSILON);
  var squares = 0.0;
  for (var i = 0u; i < d; i++) {
    let c = products[first + i] / degrees;
    if (i != j) { squares += c * c; }
    products[first + i] = scale * c;
  }
  let lack = params.deviation - sigma;
  products[first + j] = select(0.0, -params.variance / (2.0 * f32(d) * degrees * sigma), lack > 0.0);
  terms[id.x] = squares;
  terms[2u * d + id.x] = max(0.0, lack);
  terms[4u * d + id.x] = sigma;
}

@group(0) @binding(1) var<storage, read> column_terms: array<f32>;
@group(0) @binding(2) var<storage, read> column_invariances: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
// [3]: mean (x − x')² over images and columns, the mean σ_j, Σ_{i≠j} C_ij²/D as a mean of both views
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>;

// By one invocation in the order of the columns.
@compute @workgroup_size(1)
fn means() {
  let d = params.columns;
  var invariance = 0.0;
  var covariance = 0.0;
  var lack = 0.0;
  var sigma = 0.0;
  for (var j = 0u; j < d; j++) { invariance += column_invariances[j]; }
  for (var j = 0u; j < 2u * d; j++) {
    covariance += column_terms[j];
    lack += column_terms[2u * d + j];
    sigma += column_terms[4u * d + j];
  }
  invariance /= f32(params.images * d);
  covariance /= f32(d);
  loss[0] = params.invariance * invariance + params.variance * lack / f32(2u * d) + params.covariance * covariance;
  metrics[0] = invariance;
  metrics[1] = sigma / f32(2u * d);
  metrics[2] = covariance / 2.0;
}

@group(0) @binding(3) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>; // x̄·M, then ∂L/∂x

@compute @workgroup_size(WIDTH)
fn join(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let view = params.images * params.columns;
  if (i >= 2u * view) { return; }
  let other = select(i + view, i - view, i >= view);
  let pull = 2.0 * params.invariance / f32(view) * (x[i] - x[other]);
  gradient[i] = loss_gradient[0] * (gradient[i] + pull);
}
