// use lib/linear.wgsl
// How far predicted rows [images][leading + patches][columns] lie from target rows [images][patches][columns]: the mean of
// (p − t)² or |p − t| over the rows that are counted, those whose rank is not below `visible`. `leading` rows of an image
// have no target.

const WIDTH = 64u;

struct Params {
  rows: u32, // of targets
  patches: u32, leading: u32, columns: u32, visible: u32, absolute: u32,
  counted: f32, // numbers in the mean
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> predictions: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<f32>;
@group(0) @binding(3) var<storage, read> ranks: array<u32>; // [rows]; not read where all rows count
@group(0) @binding(4) var<storage, read_write> new_errors: array<f32>; // [rows]

fn counts(row: u32) -> bool {
  if (params.visible == 0u) { return true; }
  return ranks[row] >= params.visible;
}

@compute @workgroup_size(WIDTH)
fn row_errors(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = linear(group, groups, lane, WIDTH);
  if (row >= params.rows) { return; }
  var sum = 0.0;
  if (counts(row)) {
    let before = (row / params.patches + 1u) * params.leading * params.columns;
    for (var k = row * params.columns; k < (row + 1u) * params.columns; k++) {
      let difference = predictions[before + k] - targets[k];
      sum += select(difference * difference, abs(difference), params.absolute == 1u);
    }
  }
  new_errors[row] = sum;
}

@group(0) @binding(1) var<storage, read> errors: array<f32>; // [rows]
@group(0) @binding(2) var<storage, read_write> loss: array<f32>;
var<workgroup> sums: array<f32, WIDTH>;

// By one workgroup, each lane every 64th row, then the lanes in their order.
@compute @workgroup_size(WIDTH)
fn mean(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var row = lane; row < params.rows; row += WIDTH) { sum += errors[row]; }
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) { return; }
  var total = 0.0;
  for (var i = 0u; i < WIDTH; i++) { total += sums[i]; }
  loss[0] = total / params.counted;
}

@group(0) @binding(4) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

@compute @workgroup_size(WIDTH)
fn gradients(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let image_rows = params.leading + params.patches;
  let predicted = i / params.columns;
  if (predicted >= params.rows / params.patches * image_rows) { return; }
  let place = predicted % image_rows;
  var value = 0.0;
  if (place >= params.leading) {
    let row = predicted / image_rows * params.patches + place - params.leading;
    if (counts(row)) {
      let difference = predictions[i] - targets[row * params.columns + i % params.columns];
      let slope = select(2.0 * difference, sign(difference), params.absolute == 1u);
      value = slope * loss_gradient[0] / params.counted;
    }
  }
  gradient[i] = value;
}
