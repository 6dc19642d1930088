// Contrastive losses over R rows x with labels: SupCon (Khosla et al. 2020, L_out), and NT-Xent (Chen et al. 2020) as
// its case of 2N views where a row's label is its number mod N.
//   s_ij = (x_i·x_j)/(‖x_i‖‖x_j‖τ),   lse_i = log Σ_{j≠i} e^{s_ij},   P(i) = the other rows of i's label
//   L = mean over the anchors of lse_i − 1/|P(i)| Σ_{p∈P(i)} s_ip;   anchors are the rows whose P(i) is not empty
//
// The R×R matrix never exists as a whole: matmul/tile.wgsl makes one block of raw products x_i·x_j at a time, of the
// upper triangle only, and the kernels here use it for its rows and, since s is symmetric, for its columns.

const WIDTH = 8u;
const TOGETHER = 8u; // products that `absorb_block` takes at once
const HEIGHT = 32u; // rows of a block that a lane of `coefficients` visits
const ACROSS = 4u; // its columns, WIDTH apart, for which it loads a row's numbers once
// NT-Xent: labels come from the rows' numbers, and `labels` is not read.
const PAIRED = false;
// DCL (Yeh et al. 2022), of pairs: the sums and maxima below leave the positive out, so a row's lack to its maximum may
// be negative, and the positive is nearest where it is.
const DECOUPLED = false;
const UNLABELLED = 0xffffffffu;

struct Params {
  rows: u32, // R
  columns: u32, // d, of x
  row_start: u32, column_start: u32, // of the block in the R×R matrix
  block_rows: u32, block_columns: u32,
  transposed: u32, // take the block's columns as rows
  inverse_temperature: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> inverse_norm: array<f32>; // [R]
@group(0) @binding(2) var<storage, read> products: array<f32>; // [block rows][block columns]
// [6][R]: the maximum of s_ij and Σ e^{s_ij − maximum} over the j ≠ i so far; Σ (maximum − s_ip) over the p ∈ P(i) so far,
// and how many of these reach the maximum; how many p ∈ P(i), and how many j, reaching the maximum, there were so far
@group(0) @binding(3) var<storage, read_write> state: array<f32>;
@group(0) @binding(6) var<storage, read> labels: array<u32>; // [R]

const NOTHING = -3.4e38;

fn label_of(row: u32) -> u32 {
  if (PAIRED) { return select(row, row - params.rows / 2u, row >= params.rows / 2u); }
  return labels[row];
}

@compute @workgroup_size(WIDTH)
fn clear_state(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  state[id.x] = NOTHING;
  state[params.rows + id.x] = 0.0;
  state[2u * params.rows + id.x] = 0.0;
  state[3u * params.rows + id.x] = 0.0;
  state[4u * params.rows + id.x] = 0.0;
  state[5u * params.rows + id.x] = 0.0;
}

// Takes one block into the state of its rows (or, transposed, of its columns). The running maximum keeps every
// exponent ≤ 0 at any temperature (as in online softmax, Milakov & Gimelshein 2018); positives are summed as what they
// lack to it, because both, up to 1/τ, would leave a small loss few digits.
@compute @workgroup_size(WIDTH)
fn absorb_block(@builtin(global_invocation_id) id: vec3u) {
  let by_columns = params.transposed == 1u;
  let count = select(params.block_rows, params.block_columns, by_columns);
  let others = select(params.block_columns, params.block_rows, by_columns);
  if (id.x >= count) { return; }
  let i = id.x + select(params.row_start, params.column_start, by_columns);
  let start = select(params.column_start, params.row_start, by_columns);
  let begin = id.x * select(params.block_columns, 1u, by_columns);
  let stride = select(1u, params.block_columns, by_columns);
  let label = label_of(i);
  let scale = inverse_norm[i] * params.inverse_temperature;

  var largest = state[i];
  var sum = state[params.rows + i];
  var positives = state[4u * params.rows + i];
  var lack = state[2u * params.rows + i];
  var nearest_positives = state[3u * params.rows + i];
  var nearest = state[5u * params.rows + i];
  for (var k = 0u; k < others; k += TOGETHER) {
    // Several at once: the maximum moves, and the sums with it, no more than once for all of them.
    var s: array<f32, TOGETHER>;
    let before = largest;
    for (var t = 0u; t < TOGETHER; t++) {
      let other = min(k + t, others - 1u);
      s[t] = products[begin + other * stride] * scale * inverse_norm[start + other];
      let counted = k + t < others && start + k + t != i && !(DECOUPLED && label_of(start + other) == label);
      if (counted) { largest = max(largest, s[t]); }
    }
    if (largest > before) {
      nearest = 0.0;
      nearest_positives = 0.0;
    }
    sum *= exp(before - largest);
    lack += positives * (largest - before);
    for (var t = 0u; t < TOGETHER; t++) {
      let j = start + k + t;
      if (k + t < others && j != i) {
        let is_positive = label_of(j) == label && label != UNLABELLED;
        let reaches = select(0.0, 1.0, s[t] == largest);
        if (!(DECOUPLED && is_positive)) {
          sum += exp(s[t] - largest);
          nearest += reaches;
        }
        if (is_positive) {
          lack += largest - s[t];
          nearest_positives += reaches;
          positives += 1.0;
        }
      }
    }
  }
  state[i] = largest;
  state[params.rows + i] = sum;
  state[2u * params.rows + i] = lack;
  state[3u * params.rows + i] = nearest_positives;
  state[4u * params.rows + i] = positives;
  state[5u * params.rows + i] = nearest;
}

// Means over the anchors, by one invocation in their order. The losses are added as differences from the first one: a
// plain sum would round every equal loss of a collapse the same way. What the gradient needs replaces the state's first
// three rows: lse_i, a_i = 1/anchors (0 for a row that is none), 2a_i/|P(i)|.
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>; // contrastive top-1, mean positive similarity

@compute @workgroup_size(1)
fn means() {
  var anchors = 0.0;
  for (var i = 0u; i < params.rows; i++) {
    if (state[4u * params.rows + i] > 0.0) { anchors += 1.0; }
  }
  let weight = 1.0 / max(anchors, 1.0);
  var met = false;
  var first = 0.0;
  var sum = 0.0;
  var hits = 0.0;
  var similarity = 0.0;
  for (var i = 0u; i < params.rows; i++) {
    let positives = state[4u * params.rows + i];
    let log_sum = log(state[params.rows + i]);
    if (positives > 0.0) {
      let lack = state[2u * params.rows + i] / positives;
      let anchor = lack + log_sum;
      if (!met) { first = anchor; }
      met = true;
      sum += anchor - first;
      similarity += state[i] - lack;
      // Among rows that are equally near chance decides: after a collapse to one point that is all that counts.
      if (DECOUPLED) {
        hits += select(select(0.0, 1.0 / (1.0 + state[5u * params.rows + i]), lack == 0.0), 1.0, lack < 0.0);
      } else {
        hits += state[3u * params.rows + i] / max(state[5u * params.rows + i], 1.0);
      }
    }
    state[i] += log_sum;
    state[params.rows + i] = select(0.0, weight, positives > 0.0);
    state[2u * params.rows + i] = 2.0 * weight / max(positives, 1.0);
  }
  loss[0] = first + sum * weight;
  metrics[0] = hits * weight;
  metrics[1] = similarity * weight / params.inverse_temperature;
}

// Positives have equally many positives, since |P| goes by label, so with
//   c_ij = (a_i e^{s_ij − lse_i} + a_j e^{s_ij − lse_j} − 2a_i/|P(i)| [j ∈ P(i)]) / (τ‖x_i‖‖x_j‖)
// the gradient is G_i = Σ_{j≠i} c_ij x_j,   dx_i = G_i − (x_i·G_i) x_i / ‖x_i‖².
// c overwrites the block's products; it is symmetric, so one block serves the sums of its rows and of its columns.
@group(0) @binding(2) var<storage, read_write> tile: array<f32>;
@group(0) @binding(3) var<storage, read> saved: array<f32>; // [6][R], as `means` leaves it
@group(0) @binding(4) var<storage, read> loss_gradient: array<f32>;

@compute @workgroup_size(WIDTH)
fn coefficients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let columns = params.block_columns;
  let inverse_temperature = params.inverse_temperature;
  let scale = loss_gradient[0];
  var column: array<u32, ACROSS>;
  var norm: array<f32, ACROSS>;
  var log_sum: array<f32, ACROSS>;
  var weight: array<f32, ACROSS>;
  var label: array<u32, ACROSS>;
  for (var t = 0u; t < ACROSS; t++) {
    column[t] = (group.x * ACROSS + t) * WIDTH + lane;
    let j = params.column_start + min(column[t], columns - 1u);
    norm[t] = inverse_norm[j];
    log_sum[t] = saved[j];
    weight[t] = saved[params.rows + j];
    label[t] = label_of(j);
  }
  let first = group.y * HEIGHT;
  let last = min(first + HEIGHT, params.block_rows);
  for (var row = first; row < last; row++) {
    let i = params.row_start + row;
    let row_norm = inverse_norm[i];
    let row_log_sum = saved[i];
    let row_weight = saved[params.rows + i];
    let positive = saved[2u * params.rows + i];
    let row_label = label_of(i);
    for (var t = 0u; t < ACROSS; t++) {
      if (column[t] < columns) {
        let norms = norm[t] * row_norm;
        let at = row * columns + column[t];
        let s = tile[at] * norms * inverse_temperature;
        var c = row_weight * exp(s - row_log_sum) + weight[t] * exp(s - log_sum[t]);
        if (row_label == label[t] && row_label != UNLABELLED) { c = select(c, 0.0, DECOUPLED) - positive; }
        if (i == params.column_start + column[t]) { c = 0.0; }
        tile[at] = c * norms * inverse_temperature * scale;
      }
    }
  }
}

@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>; // G, then dx

@compute @workgroup_size(WIDTH)
fn project(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let first = id.x * params.columns;
  var projection = 0.0;
  for (var k = first; k < first + params.columns; k++) { projection += x[k] * gradient[k]; }
  projection *= inverse_norm[id.x] * inverse_norm[id.x];
  for (var k = first; k < first + params.columns; k++) { gradient[k] -= projection * x[k]; }
}
