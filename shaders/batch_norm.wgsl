// use lib/channel_rows.wgsl
// Batch normalisation over rows x[M][C], M = N·H·W, with an optional residual and ReLU behind it:
//   x̂ = (x − μ)·σ⁻¹,   y = max(γ·x̂ + β + residual, 0)

const WIDTH = 64u; // lanes of a workgroup
const RELU = true;
const RESIDUAL = false;
const EVEN = false; // whether every part has as many rows, those of a block, as ranks have
// What a lane takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
alias Stored = vec4f; // the same of x, y, the residual and their gradients

struct Params { rows: u32, channels: u32, block: u32, parts: u32, epsilon: f32, momentum: f32 } // channels in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> statistics: array<Element>; // [4][C]: μ, σ⁻¹ = 1/√(variance + ε), γ·σ⁻¹, β − μ·γ·σ⁻¹
@group(0) @binding(3) var<storage, read> residual: array<Stored>;
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;

@compute @workgroup_size(WIDTH)
fn normalise(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = walk(group, lane, WIDTH, params.rows, params.channels, params.block);
  if (at.channel >= params.channels) { return; }
  let scale = statistics[2u * params.channels + at.channel];
  let shift = statistics[3u * params.channels + at.channel];
  for (var i = at.begin; i < at.end; i += at.step) {
    var value = Element(x[i]) * scale + shift;
    if (RESIDUAL) { value += Element(residual[i]); }
    if (RELU) { value = max(value, Element()); }
    y[i] = Stored(value);
  }
}

// Mean and Σ(x − mean)² of each lane's rows, from sums shifted by the first of them: E[x²] − E[x]² would lose all
// digits where the mean is large beside the deviation.
@group(0) @binding(2) var<storage, read_write> partial: array<Element>; // [parts][2][C]

@compute @workgroup_size(WIDTH)
fn partial_statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = walk(group, lane, WIDTH, params.rows, params.channels, params.block);
  if (at.channel >= params.channels) { return; }
  let shift = Element(x[at.begin]);
  var sum = Element();
  var squares = Element();
  for (var i = at.begin; i < at.end; i += at.step) {
    let d = Element(x[i]) - shift;
    sum += d;
    squares += d * d;
  }
  // A part without rows counts for nothing in `join_statistics`.
  let count = max(1.0, f32(rows_of(at.part, WIDTH, params.rows, params.channels, params.block)));
  let to = 2u * at.part * params.channels + at.channel;
  partial[to] = shift + sum / count;
  partial[to + params.channels] = max(squares - sum * sum / count, Element());
}

// Joins the parts' statistics in their order (Chan, Golub & LeVeque 1979) and moves the running ones; the running
// variance takes the unbiased estimate, as PyTorch's does.
@group(0) @binding(1) var<storage, read> parts: array<Element>; // [parts][2][C]
@group(0) @binding(2) var<storage, read> gamma: array<Element>;
@group(0) @binding(3) var<storage, read> beta: array<Element>;
@group(0) @binding(4) var<storage, read_write> running_mean: array<Element>;
@group(0) @binding(5) var<storage, read_write> running_variance: array<Element>;
@group(0) @binding(6) var<storage, read_write> new_statistics: array<Element>; // [4][C]

// Of a channel: rows, mean, Σ(x − mean)².
struct Joined { count: f32, average: Element, squares: Element }

fn joined(c: u32) -> Joined {
  var count = 0.0;
  var average = Element();
  var squares = Element();
  for (var part = 0u; part < params.parts; part++) {
    let own = select(rows_of(part, WIDTH, params.rows, params.channels, params.block), params.block, EVEN);
    let more = f32(own);
    let delta = parts[2u * part * params.channels + c] - average;
    let total = count + more;
    average += delta * (more / total);
    squares += parts[(2u * part + 1u) * params.channels + c] + delta * delta * (count * more / total);
    count = total;
  }
  return Joined(count, average, squares);
}

@compute @workgroup_size(WIDTH)
fn join_statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let all = joined(c);
  set_statistics(c, all.average, all.squares / all.count);
  running_mean[c] += params.momentum * (all.average - running_mean[c]);
  running_variance[c] += params.momentum * (all.squares / max(all.count - 1.0, 1.0) - running_variance[c]);
}

// The parts' statistics joined to one rank's, which is a part for `join_statistics` over ranks.
@group(0) @binding(2) var<storage, read_write> own_statistics: array<Element>; // [2][C]

@compute @workgroup_size(WIDTH)
fn rank_statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let all = joined(c);
  own_statistics[c] = all.average;
  own_statistics[params.channels + c] = all.squares;
}

// The statistics of evaluation mode, in the form that `normalise` takes.
@compute @workgroup_size(WIDTH)
fn running_statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  set_statistics(c, running_mean[c], running_variance[c]);
}

fn set_statistics(c: u32, mean: Element, variance: Element) {
  let inverse_std = inverseSqrt(variance + params.epsilon);
  let scale = gamma[c] * inverse_std;
  new_statistics[c] = mean;
  new_statistics[params.channels + c] = inverse_std;
  new_statistics[2u * params.channels + c] = scale;
  new_statistics[3u * params.channels + c] = beta[c] - mean * scale;
}
