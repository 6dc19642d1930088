// Queries against one positive of their own and a memory that all of them share. With rows of length one,
//   s_i = q_i·p_i/τ,   s_ik = q_i·m_k/τ,   S_i = Σ_k e^{s_ik}   over the memory's rows that are not the query's own image
// InfoNCE (van den Oord et al. 2018; MoCo's eq. 1):            l_i = log(1 + S_i e^{−s_i})
// PIRL's noise-contrastive estimate (arXiv 1912.01991, eq. 3 and 4), where h(a, b) = e^{s}/(e^{s} + S):
//   l_i = −log h(positive) − Σ_k log(1 − h(negative k)) = log(1 + S_i e^{−s_i}) + Σ_k log(1 + e^{s_ik}/S_i)
// L is the mean over the queries. Positives and memory are constants. One query an invocation.

const WIDTH = 8u;
const NEGATIVE_TERMS = false; // PIRL's second sum
const EXCLUDE = false; // rows of the query's own image

struct Params { queries: u32, rows: u32, columns: u32, inverse_temperature: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> queries: array<f32>; // [queries][columns]
@group(0) @binding(2) var<storage, read> positives: array<f32>; // [queries][columns]
@group(0) @binding(3) var<storage, read> own: array<u32>; // [queries]: which image
@group(0) @binding(4) var<storage, read> images: array<u32>; // [rows]: which image
@group(0) @binding(5) var<storage, read_write> scores: array<f32>; // [queries][rows]: q_i·m_k, then ∂l_i/∂(q_i·m_k)
// [4][queries]: l_i, ∂l_i/∂(q_i·p_i), whether the positive is nearest, cosine of the positive
@group(0) @binding(6) var<storage, read_write> terms: array<f32>;

fn counts(query: u32, row: u32) -> bool { return !EXCLUDE || images[row] != own[query]; }

@compute @workgroup_size(WIDTH)
fn contrast(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= params.queries) { return; }
  let first = i * params.rows;
  var cosine = 0.0;
  for (var k = 0u; k < params.columns; k++) {
    cosine += queries[i * params.columns + k] * positives[i * params.columns + k];
  }
  let positive = cosine * params.inverse_temperature;
  var nearest = -3.4e38; // of the memory
  var equals = 0.0;
  for (var k = 0u; k < params.rows; k++) {
    if (counts(i, k)) {
      let s = scores[first + k] * params.inverse_temperature;
      equals = select(equals + select(0.0, 1.0, s == nearest), 1.0, s > nearest);
      nearest = max(nearest, s);
    }
  }
  let largest = max(nearest, positive);
  var sum = 0.0; // S_i e^{−nearest}
  for (var k = 0u; k < params.rows; k++) {
    if (counts(i, k)) { sum += exp(scores[first + k] * params.inverse_temperature - nearest); }
  }
  // e^{s − largest} of the positive, and of all negatives together.
  let hit = exp(positive - largest);
  let others = sum * exp(max(nearest - largest, -87.0));
  var term = (largest - positive) + log(hit + others);
  let share = others / (hit + others); // 1 − h(positive)
  // With r_k = e^{s_ik}/S_i, which sum to 1: ∂ Σ log(1 + r_k)/∂s_ik = r_k (1/(1 + r_k) − Σ_l r_l/(1 + r_l)).
  var pulled = 0.0;
  if (NEGATIVE_TERMS) {
    for (var k = 0u; k < params.rows; k++) {
      if (counts(i, k)) {
        let r = exp(scores[first + k] * params.inverse_temperature - nearest) / sum;
        term += log(1.0 + r);
        pulled += r / (1.0 + r);
      }
    }
  }
  for (var k = 0u; k < params.rows; k++) {
    var weight = 0.0;
    if (counts(i, k)) {
      let r = exp(scores[first + k] * params.inverse_temperature - nearest) / sum;
      weight = share * r;
      if (NEGATIVE_TERMS) { weight += r * (1.0 / (1.0 + r) - pulled); }
    }
    scores[first + k] = weight * params.inverse_temperature;
  }
  terms[i] = term;
  terms[params.queries + i] = -share * params.inverse_temperature;
  // Among rows that are equally near chance decides.
  let found = select(select(0.0, 1.0 / (1.0 + equals), positive == nearest), 1.0, positive > nearest);
  terms[2u * params.queries + i] = found;
  terms[3u * params.queries + i] = cosine;
}

@group(0) @binding(1) var<storage, read> query_terms: array<f32>;
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
@group(0) @binding(3) var<storage, read_write> metrics: array<f32>; // positive found first, its mean cosine

// By one invocation in the order of the queries, as differences from the first loss: equal losses stay equal.
@compute @workgroup_size(1)
fn means() {
  var sum = 0.0;
  var hits = 0.0;
  var cosines = 0.0;
  for (var i = 0u; i < params.queries; i++) {
    sum += query_terms[i] - query_terms[0];
    hits += query_terms[2u * params.queries + i];
    cosines += query_terms[3u * params.queries + i];
  }
  loss[0] = query_terms[0] + sum / f32(params.queries);
  metrics[0] = hits / f32(params.queries);
  metrics[1] = cosines / f32(params.queries);
}

@group(0) @binding(3) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>; // Σ_k ∂l_i/∂(q_i·m_k) m_k, then ∂L/∂q_i

@compute @workgroup_size(WIDTH)
fn join(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= params.queries) { return; }
  let scale = loss_gradient[0] / f32(params.queries);
  let pull = query_terms[params.queries + i];
  for (var k = i * params.columns; k < (i + 1u) * params.columns; k++) {
    gradient[k] = scale * (gradient[k] + pull * positives[k]);
  }
}
