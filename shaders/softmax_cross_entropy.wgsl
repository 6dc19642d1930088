// Softmax cross-entropy by rows: l_i = log Σ_j e^{s_ij} − s_{i,label(i)} with s = logits/τ. One row an invocation.
// Rows whose label is no class are left out of the mean.

const WIDTH = 8u;

// mean_over: rows that the loss is averaged over; 0: the labelled ones.
struct Params { rows: u32, classes: u32, inverse_temperature: f32, mean_over: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>; // [rows][classes]
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read_write> new_statistics: array<f32>; // [3][rows]: log-sum-exp, loss, hit

@compute @workgroup_size(WIDTH)
fn row_losses(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.rows) { return; }
  let start = row * params.classes;
  let label = labels[row];
  var largest = -3.4e38;
  var winner = 0u;
  for (var j = 0u; j < params.classes; j++) {
    let s = logits[start + j] * params.inverse_temperature;
    if (s > largest) {
      largest = s;
      winner = j;
    }
  }
  var sum = 0.0;
  for (var j = 0u; j < params.classes; j++) {
    sum += exp(logits[start + j] * params.inverse_temperature - largest);
  }
  let log_sum = log(sum);
  let known = label < params.classes;
  new_statistics[row] = largest + log_sum;
  var row_loss = 0.0;
  // Large logits cancel before the small logarithm is added, which would lose its digits beside them.
  if (known) { row_loss = (largest - logits[start + label] * params.inverse_temperature) + log_sum; }
  new_statistics[params.rows + row] = row_loss;
  new_statistics[2u * params.rows + row] = select(0.0, 1.0, known && winner == label);
}

fn divisor(known: f32) -> f32 { return select(max(known, 1.0), params.mean_over, params.mean_over > 0.0); }

// The means over the labelled rows, by one invocation in the order of the rows.
@group(0) @binding(1) var<storage, read> statistics: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>; // accuracy, labelled rows

@compute @workgroup_size(1)
fn means() {
  var sum = 0.0;
  var hits = 0.0;
  var known = 0.0;
  for (var row = 0u; row < params.rows; row++) {
    if (labels[row] < params.classes) { known += 1.0; }
    sum += statistics[params.rows + row];
    hits += statistics[2u * params.rows + row];
  }
  loss[0] = sum / divisor(known);
  metrics[0] = hits / max(known, 1.0);
  metrics[1] = known;
}

// dlogits = (softmax − [j = label]) / (τ·rows of the mean) · dloss
@group(0) @binding(3) var<storage, read> saved: array<f32>;
@group(0) @binding(4) var<storage, read> saved_metrics: array<f32>;
@group(0) @binding(5) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(WIDTH)
fn logit_gradients(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.rows) { return; }
  let start = row * params.classes;
  let label = labels[row];
  let weight = select(0.0, params.inverse_temperature * loss_gradient[0] / divisor(saved_metrics[1]), label < params.classes);
  for (var j = 0u; j < params.classes; j++) {
    let probability = exp(logits[start + j] * params.inverse_temperature - saved[row]);
    gradient[start + j] = weight * (probability - select(0.0, 1.0, j == label));
  }
}
