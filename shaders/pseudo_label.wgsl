// Pseudo-labels by self-adaptive thresholds (FreeMatch, arXiv 2205.07246, section 4.1). With q the softmax of a row:
//   state_i ← λ·state_i + (1 − λ)·mean over rows of (q_0 … q_{C−1}, max q, 1)_i
//   threshold_c = mean top probability · state_c / max_j state_j
//   label = argmax q where max q > threshold_{argmax q}, else NONE
// The state starts at zero; its last entry is what the averages are divided by, as Adam corrects its own.

const WIDTH = 8u;
const NONE = 0xffffffffu;

// labels: how many to write; those beyond the rows are NONE.
struct Params { rows: u32, classes: u32, labels: u32, decay: f32, lowest: f32, highest: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>; // [rows][classes]
@group(0) @binding(2) var<storage, read_write> new_probabilities: array<f32>; // [rows][classes + 1]: softmax, its maximum

@compute @workgroup_size(WIDTH)
fn probabilities_of_rows(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.rows) { return; }
  let start = row * params.classes;
  let target_start = row * (params.classes + 1u);
  var largest = logits[start];
  for (var j = 1u; j < params.classes; j++) { largest = max(largest, logits[start + j]); }
  var sum = 0.0;
  for (var j = 0u; j < params.classes; j++) { sum += exp(logits[start + j] - largest); }
  for (var j = 0u; j < params.classes; j++) { new_probabilities[target_start + j] = exp(logits[start + j] - largest) / sum; }
  new_probabilities[target_start + params.classes] = 1.0 / sum;
}

// One invocation an entry of the state, in the order of the rows.
@group(0) @binding(1) var<storage, read> probabilities: array<f32>; // [rows][classes + 1]
@group(0) @binding(2) var<storage, read_write> new_state: array<f32>; // [classes + 2]

@compute @workgroup_size(WIDTH)
fn move_averages(@builtin(global_invocation_id) id: vec3u) {
  let entry = id.x;
  if (entry >= params.classes + 2u) { return; }
  var mean = 1.0;
  if (entry <= params.classes) {
    var sum = 0.0;
    for (var row = 0u; row < params.rows; row++) { sum += probabilities[row * (params.classes + 1u) + entry]; }
    mean = sum / f32(params.rows);
  }
  new_state[entry] = params.decay * new_state[entry] + (1.0 - params.decay) * mean;
}

@group(0) @binding(2) var<storage, read> state: array<f32>; // [classes + 2]
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;

@compute @workgroup_size(WIDTH)
fn choose(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= params.labels) { return; }
  var label = NONE;
  if (row < params.rows) {
    let start = row * (params.classes + 1u);
    var winner = 0u;
    var most_frequent = state[0];
    for (var j = 1u; j < params.classes; j++) {
      if (probabilities[start + j] > probabilities[start + winner]) { winner = j; }
      most_frequent = max(most_frequent, state[j]);
    }
    let confidence = state[params.classes] / state[params.classes + 1u];
    let threshold = clamp(confidence * state[winner] / most_frequent, params.lowest, params.highest);
    if (probabilities[start + winner] > threshold) { label = winner; }
  }
  labels[row] = label;
}
