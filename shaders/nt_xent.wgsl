// NT-Xent (Chen et al. 2020) over rows x of 2N views; row i's positive p(i) is row (i + N) mod 2N:
//   s_ij = (x_i·x_j)/(‖x_i‖‖x_j‖τ),   L = 1/(2N) Σ_i (lse_i − s_{i,p(i)}),   lse_i = log Σ_{j≠i} e^{s_ij}
//
// The 2N×2N matrix never exists as a whole: matmul.wgsl makes one block of raw products x_i·x_j at a time, of the
// upper triangle only, and the kernels here use it for its rows and, since s is symmetric, for its columns.

const WIDTH = 8u;

struct Params {
  rows: u32, // 2N
  columns: u32, // d, of x
  row_start: u32, column_start: u32, // of the block in the 2N×2N matrix
  block_rows: u32, block_columns: u32,
  transposed: u32, // take the block's columns as rows
  inverse_temperature: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> inverse_norm: array<f32>; // [2N]
@group(0) @binding(2) var<storage, read> products: array<f32>; // [block rows][block columns]
// [4][2N]: the running maximum of s_ij and Σ e^{s_ij − maximum} over j ≠ i, s_{i,p(i)}, the largest other s_ij
@group(0) @binding(3) var<storage, read_write> state: array<f32>;

const NOTHING = -3.4e38;

@compute @workgroup_size(WIDTH)
fn clear_state(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  state[id.x] = NOTHING;
  state[params.rows + id.x] = 0.0;
  state[2u * params.rows + id.x] = 0.0;
  state[3u * params.rows + id.x] = NOTHING;
}

// Takes one block into the state of its rows (or, transposed, of its columns). The running maximum keeps every
// exponent ≤ 0 at any temperature (as in online softmax, Milakov & Gimelshein 2018).
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
  let positive = (i + params.rows / 2u) % params.rows;
  let scale = inverse_norm[i] * params.inverse_temperature;

  var largest = state[i];
  for (var k = 0u; k < others; k++) {
    let s = products[begin + k * stride] * scale * inverse_norm[start + k];
    if (start + k != i) { largest = max(largest, s); }
  }
  var sum = state[params.rows + i] * exp(state[i] - largest);
  var rival = state[3u * params.rows + i];
  for (var k = 0u; k < others; k++) {
    let j = start + k;
    let s = products[begin + k * stride] * scale * inverse_norm[j];
    if (j != i) { sum += exp(s - largest); }
    if (j == positive) { state[2u * params.rows + i] = s; }
    if (j != i && j != positive) { rival = max(rival, s); }
  }
  state[i] = largest;
  state[params.rows + i] = sum;
  state[3u * params.rows + i] = rival;
}

// Means over the anchors, by one invocation in their order; the state's first row becomes lse_i. The losses are
// added as differences from the first one: a plain sum would round every equal loss of a collapse the same way.
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>; // contrastive top-1, mean positive similarity

@compute @workgroup_size(1)
fn means() {
  var first = 0.0;
  var sum = 0.0;
  var hits = 0.0;
  var similarity = 0.0;
  for (var i = 0u; i < params.rows; i++) {
    let positive = state[2u * params.rows + i];
    let log_sum = log(state[params.rows + i]);
    // The maximum and the positive, both up to 1/τ, cancel first: lse_i rounded would leave a small loss few digits.
    let anchor = (state[i] - positive) + log_sum;
    if (i == 0u) { first = anchor; }
    sum += anchor - first;
    state[i] += log_sum;
    similarity += positive;
    if (positive >= state[3u * params.rows + i]) { hits += 1.0; }
  }
  let count = f32(params.rows);
  loss[0] = first + sum / count;
  metrics[0] = hits / count;
  metrics[1] = similarity / (count * params.inverse_temperature);
}

// With c_ij = (e^{s_ij}(e^{−lse_i} + e^{−lse_j}) − 2[j = p(i)]) / (2Nτ‖x_i‖‖x_j‖) the gradient is
//   G_i = Σ_{j≠i} c_ij x_j,   dx_i = G_i − (x_i·G_i) x_i / ‖x_i‖²
// c overwrites the block's products; it is symmetric, so one block serves the sums of its rows and of its columns.
@group(0) @binding(2) var<storage, read_write> tile: array<f32>;
@group(0) @binding(3) var<storage, read> saved: array<f32>; // [4][2N], lse first
@group(0) @binding(4) var<storage, read> loss_gradient: array<f32>;

@compute @workgroup_size(WIDTH)
fn coefficients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * WIDTH + lane;
  if (column >= params.block_columns) { return; }
  let j = params.column_start + column;
  let i = params.row_start + group.y;
  let norms = inverse_norm[i] * inverse_norm[j];
  let at = group.y * params.block_columns + column;
  let s = tile[at] * norms * params.inverse_temperature;
  var c = exp(s - saved[i]) + exp(s - saved[j]);
  if (j == (i + params.rows / 2u) % params.rows) { c -= 2.0; }
  if (i == j) { c = 0.0; }
  tile[at] = c * norms * params.inverse_temperature * loss_gradient[0] / f32(params.rows);
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
