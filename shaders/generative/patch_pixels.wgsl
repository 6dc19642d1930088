// use lib/linear.wgsl
// The pixels of patches as rows, [images][patches][patch side][patch side][3], and what reconstructions are compared with.

const WIDTH = 64u;
const EPSILON = 1e-6;

struct Params {
  images: u32, side: u32, patch_side: u32, // sides in pixels
  visible: u32, // patches of an image that are shown as they are
  normalised: u32, // whether predictions are of normalised rows
  leading: u32, // predicted rows of an image before those of its patches
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read_write> new_rows: array<f32>;

fn columns() -> u32 { return 3u * params.patch_side * params.patch_side; }
fn patches() -> u32 { return (params.side / params.patch_side) * (params.side / params.patch_side); }

// Mean and deviation of a row, over all its pixels and channels.
fn moments(row: u32) -> vec2f {
  let start = row * columns();
  var sum = 0.0;
  for (var k = 0u; k < columns(); k++) { sum += rows[start + k]; }
  let mean = sum / f32(columns());
  var squares = 0.0;
  for (var k = 0u; k < columns(); k++) { squares += (rows[start + k] - mean) * (rows[start + k] - mean); }
  return vec2f(mean, sqrt(squares / f32(columns()) + EPSILON));
}

// Every row to mean 0 and deviation 1.
@compute @workgroup_size(WIDTH)
fn normalise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear(group, groups, lane, WIDTH);
  if (row >= params.images * patches()) { return; }
  let of_row = moments(row);
  for (var k = row * columns(); k < (row + 1u) * columns(); k++) {
    new_rows[k] = (rows[k] - of_row.x) / of_row.y;
  }
}

// Rows of nothing but their image's mean colour.
@group(0) @binding(1) var<storage, read> colours: array<vec4f>; // [images]

@compute @workgroup_size(WIDTH)
fn paint(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let numbers = patches() * columns();
  if (i < params.images * numbers) { new_rows[i] = colours[i / numbers][i % 3u]; }
}

// Pictures [images][side][side]: shown patches as they are, the others as predicted; normalised ones with the mean and
// deviation that the patch really has.
@group(0) @binding(3) var<storage, read> predictions: array<f32>;
@group(0) @binding(4) var<storage, read> ranks: array<u32>; // [images][patches]; not read where none are shown
@group(0) @binding(5) var<storage, read_write> picture: array<vec4f>;

@compute @workgroup_size(WIDTH)
fn compose(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let pixels = params.side * params.side;
  if (i >= params.images * pixels) { return; }
  let h = i % pixels / params.side;
  let w = i % params.side;
  let place = h / params.patch_side * (params.side / params.patch_side) + w / params.patch_side;
  let row = i / pixels * patches() + place;
  let within = 3u * (h % params.patch_side * params.patch_side + w % params.patch_side);
  let at = row * columns() + within;
  var shown = false;
  if (params.visible > 0u) { shown = ranks[row] < params.visible; }
  let from_row = at + (i / pixels + 1u) * params.leading * columns();
  var value = vec3f(predictions[from_row], predictions[from_row + 1u], predictions[from_row + 2u]);
  if (shown) {
    value = vec3f(rows[at], rows[at + 1u], rows[at + 2u]);
  } else if (params.normalised == 1u) {
    let of_row = moments(row);
    value = value * of_row.y + of_row.x;
  }
  picture[i] = vec4f(value, 0.0);
}

// What a loss explains of what the mean leaves: 1 − loss/mean; the loss of the mean; what another guess explains.
@group(0) @binding(1) var<storage, read> loss: array<f32>;
@group(0) @binding(3) var<storage, read> mean_loss: array<f32>;
@group(0) @binding(4) var<storage, read> other_loss: array<f32>;

@compute @workgroup_size(1)
fn explain() {
  let mean = mean_loss[0];
  new_rows[0] = select(0.0, 1.0 - loss[0] / mean, mean > 0.0);
  new_rows[1] = mean;
  new_rows[2] = select(0.0, 1.0 - other_loss[0] / mean, mean > 0.0);
}
