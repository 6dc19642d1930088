// use lib/linear.wgsl
// use lib/rng.wgsl
// A memory of rows of length one: a queue that the newest rows of a batch replace the oldest of, or a bank with a row for
// each image, which may lie in several parts. One row an invocation.

const WIDTH = 8u;
const NEGATIVE_SLOT = 48u; // of the random numbers of a step; views and patches have those below

// first, rows: which rows of the bank this part holds. total: rows of the bank, or of the queue.
struct Params { count: u32, columns: u32, first: u32, rows: u32, total: u32, momentum: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> counter: array<u32>; // seed, step
@group(0) @binding(2) var<storage, read> x: array<f32>; // [count][columns]
@group(0) @binding(3) var<storage, read_write> memory: array<f32>; // [rows][columns]
@group(0) @binding(4) var<storage, read> images: array<u32>; // [count]: their rows in the bank

// 1/‖x_i‖; 0 of a row that no direction can be told of: one of zeros, or, by its exponent's bits, one that is not finite.
fn inverse_length(i: u32) -> f32 {
  var squares = 0.0;
  for (var k = i * params.columns; k < (i + 1u) * params.columns; k++) { squares += x[k] * x[k]; }
  let finite = (bitcast<u32>(squares) & 0x7f800000u) != 0x7f800000u;
  return select(0.0, inverseSqrt(squares), finite && squares > 1.2e-38);
}

// The batch of step t takes rows t·count, t·count + 1, … of the queue, round its end.
@compute @workgroup_size(WIDTH)
fn enqueue(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  let start = (counter[1] % params.total) * (params.count % params.total) % params.total;
  let row = (start + i) % params.total * params.columns;
  let inverse = inverse_length(i);
  if (inverse == 0.0) { return; }
  for (var k = 0u; k < params.columns; k++) { memory[row + k] = x[i * params.columns + k] * inverse; }
}

// m ← (momentum·m + (1 − momentum)·x̂)/‖…‖ for the rows of these images, in this part of the bank.
@compute @workgroup_size(WIDTH)
fn remember(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  let image = images[i];
  let inverse = inverse_length(i);
  if (image < params.first || image - params.first >= params.rows || inverse == 0.0) { return; }
  let row = (image - params.first) * params.columns;
  let rate = (1.0 - params.momentum) * inverse;
  var squares = 0.0;
  for (var k = 0u; k < params.columns; k++) {
    let value = params.momentum * memory[row + k] + rate * x[i * params.columns + k];
    memory[row + k] = value;
    squares += value * value;
  }
  let length = select(0.0, inverseSqrt(squares), squares > 1.2e-38);
  for (var k = 0u; k < params.columns; k++) { memory[row + k] *= length; }
}

@group(0) @binding(1) var<storage, read> bank: array<f32>; // [rows][columns]
@group(0) @binding(5) var<storage, read_write> rows: array<f32>; // [count][columns]

// rows_i = bank[images_i], where this part holds it; all parts together fill them.
@compute @workgroup_size(WIDTH)
fn recall(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  let image = images[i];
  if (image < params.first || image - params.first >= params.rows) { return; }
  let row = (image - params.first) * params.columns;
  for (var k = 0u; k < params.columns; k++) { rows[i * params.columns + k] = bank[row + k]; }
}

@group(0) @binding(6) var<storage, read_write> drawn: array<u32>; // [count]

// Which rows of the bank a step compares with: uniform, by step and place alone.
@compute @workgroup_size(WIDTH)
fn draw_rows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  drawn[i] = pcg4d(vec4u(counter[0], counter[1], i, NEGATIVE_SLOT)).x % params.total;
}
