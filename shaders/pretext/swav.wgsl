// use lib/linear.wgsl
// SwAV (Caron et al. 2020, arXiv 2006.09882) over scores s [2N, K], cosines of rows and prototypes, first views before second
// ones. Codes of each view by Sinkhorn-Knopp (eq. 3 to 5), from v = 1, in logarithms since e^{s/ε} leaves f32 at a small ε:
//   Q_ik = u_k e^{s_ik/ε} v_i,   u_k ← 1/(K Σ_i e^{s_ik/ε} v_i),   v_i ← 1/(N Σ_k u_k e^{s_ik/ε}),   q_ik = N·Q_ik
// Swapped prediction (eq. 1 and 2, as a mean over the rows), with j the other view of row i's image:
//   p_i = softmax(s_i/τ),   l_i = −Σ_k q_jk log p_ik,   ∂L/∂s_ik = (p_ik − q_jk)/(2N·τ)

const WIDTH = 8u;
const LEAST = 1e-37; // a normal number, so that its logarithm is finite where smaller ones count as zero

struct Params { images: u32, prototypes: u32, inverse_temperature: f32, sweep: u32 } // 1/ε or 1/τ
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> scores: array<f32>; // [2N][K]
@group(0) @binding(2) var<storage, read> row_potentials: array<f32>; // [2N]: log v
@group(0) @binding(3) var<storage, read_write> new_prototype_potentials: array<f32>; // [2][K]: log u

// A prototype of a view an invocation.
@compute @workgroup_size(WIDTH)
fn fit_prototypes(@builtin(global_invocation_id) id: vec3u) {
  let count = params.prototypes;
  if (id.x >= 2u * count) { return; }
  let first = id.x / count * params.images;
  let k = id.x % count;
  var largest = -3.4e38;
  for (var i = first; i < first + params.images; i++) {
    largest = max(largest, scores[i * count + k] * params.inverse_temperature + log_v(i));
  }
  var sum = 0.0;
  for (var i = first; i < first + params.images; i++) {
    sum += exp(scores[i * count + k] * params.inverse_temperature + log_v(i) - largest);
  }
  new_prototype_potentials[id.x] = -largest - log(sum * f32(count));
}

// Nothing is fitted yet in the first sweep.
fn log_v(row: u32) -> f32 { return select(row_potentials[row], 0.0, params.sweep == 0u); }

@group(0) @binding(2) var<storage, read> prototype_potentials: array<f32>; // [2][K]
@group(0) @binding(3) var<storage, read_write> new_row_potentials: array<f32>; // [2N]

fn fitted(row: u32, k: u32) -> f32 {
  let count = params.prototypes;
  return scores[row * count + k] * params.inverse_temperature + prototype_potentials[row / params.images * count + k];
}

// log Σ_k u_k e^{s_ik/ε}
fn log_sum(row: u32) -> f32 {
  var largest = -3.4e38;
  for (var k = 0u; k < params.prototypes; k++) { largest = max(largest, fitted(row, k)); }
  var sum = 0.0;
  for (var k = 0u; k < params.prototypes; k++) { sum += exp(fitted(row, k) - largest); }
  return largest + log(sum);
}

// A row an invocation.
@compute @workgroup_size(WIDTH)
fn fit_rows(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < 2u * params.images) { new_row_potentials[id.x] = -log_sum(id.x) - log(f32(params.images)); }
}

@group(0) @binding(3) var<storage, read_write> codes: array<f32>; // [2N][K]: q

// The last fit of the rows, and what comes of it: their sums are 1.
@compute @workgroup_size(WIDTH)
fn assign(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= 2u * params.images) { return; }
  let total = log_sum(id.x);
  for (var k = 0u; k < params.prototypes; k++) {
    codes[id.x * params.prototypes + k] = exp(fitted(id.x, k) - total);
  }
}

@group(0) @binding(2) var<storage, read> targets: array<f32>; // [2N][K]: q
@group(0) @binding(3) var<storage, read_write> errors: array<f32>; // [2N][K]: p_i − q_j
// [3][2N]: l_i, whether p_i and q_j are largest at the same prototype, −Σ q_i log q_i
@group(0) @binding(4) var<storage, read_write> new_terms: array<f32>;

// A row an invocation.
@compute @workgroup_size(WIDTH)
fn predict(@builtin(global_invocation_id) id: vec3u) {
  let rows = 2u * params.images;
  if (id.x >= rows) { return; }
  let first = id.x * params.prototypes;
  let other = (id.x + params.images) % rows * params.prototypes;
  var largest = -3.4e38;
  var best = 0u;
  var wanted = 0u;
  for (var k = 0u; k < params.prototypes; k++) {
    let s = scores[first + k] * params.inverse_temperature;
    if (s > largest) { best = k; }
    largest = max(largest, s);
    if (targets[other + k] > targets[other + wanted]) { wanted = k; }
  }
  var sum = 0.0;
  for (var k = 0u; k < params.prototypes; k++) { sum += exp(scores[first + k] * params.inverse_temperature - largest); }
  let total = log(sum);
  var term = 0.0;
  var entropy = 0.0;
  for (var k = 0u; k < params.prototypes; k++) {
    let logit = scores[first + k] * params.inverse_temperature - largest - total;
    term -= targets[other + k] * logit;
    entropy -= targets[first + k] * log(max(targets[first + k], LEAST));
    errors[first + k] = exp(logit) - targets[other + k];
  }
  new_terms[id.x] = term;
  new_terms[rows + id.x] = select(0.0, 1.0, best == wanted);
  new_terms[2u * rows + id.x] = entropy;
}

@group(0) @binding(1) var<storage, read> terms: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> metrics: array<f32>; // [2]: prototypes that agree, entropy of a code

// By one invocation in the order of the rows, as differences from the first loss: equal losses stay equal.
@compute @workgroup_size(1)
fn means() {
  let rows = 2u * params.images;
  var sum = 0.0;
  var hits = 0.0;
  var entropies = 0.0;
  for (var i = 0u; i < rows; i++) {
    sum += terms[i] - terms[0];
    hits += terms[rows + i];
    entropies += terms[2u * rows + i];
  }
  loss[0] = terms[0] + sum / f32(rows);
  metrics[0] = hits / f32(rows);
  metrics[1] = entropies / f32(rows);
}

@group(0) @binding(1) var<storage, read> saved_errors: array<f32>;
@group(0) @binding(2) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>; // [2N][K]

// An element an invocation.
@compute @workgroup_size(WIDTH)
fn through(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= 2u * params.images * params.prototypes) { return; }
  gradient[i] = saved_errors[i] * loss_gradient[0] * params.inverse_temperature / f32(2u * params.images);
}
