// use lib/linear.wgsl
// Pooling over N×H×W×C images.

alias Stored = f32; // of x, y and their gradients; the average is f32
const WIDTH = 64u;

struct Params {
  batch: u32, height: u32, width: u32, channels: u32,
  out_height: u32, out_width: u32, kernel: u32, stride: u32, pad: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;
@group(0) @binding(3) var<storage, read_write> new_winner: array<u32>; // tap a·K + b of each maximum

// y = max over the window; of equal values the first in reading order wins. Padding never wins.
@compute @workgroup_size(WIDTH)
fn max_pool(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.out_height * params.out_width * params.channels) { return; }
  let c = i % params.channels;
  let column = i / params.channels % params.out_width;
  let row = i / (params.channels * params.out_width) % params.out_height;
  let image = i / (params.channels * params.out_width * params.out_height);
  var best = -3.4e38;
  var tap = 0u;
  for (var a = 0u; a < params.kernel; a++) {
    let h = i32(row * params.stride + a) - i32(params.pad);
    if (h < 0 || h >= i32(params.height)) { continue; }
    for (var b = 0u; b < params.kernel; b++) {
      let w = i32(column * params.stride + b) - i32(params.pad);
      if (w < 0 || w >= i32(params.width)) { continue; }
      let value = f32(x[((image * params.height + u32(h)) * params.width + u32(w)) * params.channels + c]);
      if (value > best) {
        best = value;
        tap = a * params.kernel + b;
      }
    }
  }
  y[i] = Stored(best);
  new_winner[i] = tap;
}

// dx = Σ of dy over the windows that this element won.
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(3) var<storage, read> winner: array<u32>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;

@compute @workgroup_size(WIDTH)
fn max_pool_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.height * params.width * params.channels) { return; }
  let c = i % params.channels;
  let w = i / params.channels % params.width + params.pad;
  let h = i / (params.channels * params.width) % params.height + params.pad;
  let image = i / (params.channels * params.width * params.height);
  var sum = 0.0;
  for (var a = h % params.stride; a < params.kernel && a <= h; a += params.stride) {
    let row = (h - a) / params.stride;
    if (row >= params.out_height) { continue; }
    for (var b = w % params.stride; b < params.kernel && b <= w; b += params.stride) {
      let column = (w - b) / params.stride;
      if (column >= params.out_width) { continue; }
      let at = ((image * params.out_height + row) * params.out_width + column) * params.channels + c;
      if (winner[at] == a * params.kernel + b) { sum += f32(dy[at]); }
    }
  }
  dx[i] = Stored(sum);
}

// Pixels of the image that a disjoint window holds along one side; the last window may stick out.
fn inside(window: u32, side: u32) -> u32 {
  return min(params.kernel, side - window * params.kernel);
}

// y = mean over those pixels of a disjoint window that lie in the image
@compute @workgroup_size(WIDTH)
fn average_windows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.out_height * params.out_width * params.channels) { return; }
  let c = i % params.channels;
  let column = i / params.channels % params.out_width;
  let row = i / (params.channels * params.out_width) % params.out_height;
  let image = i / (params.channels * params.out_width * params.out_height);
  let rows = inside(row, params.height);
  let columns = inside(column, params.width);
  var sum = 0.0;
  for (var a = 0u; a < rows; a++) {
    for (var b = 0u; b < columns; b++) {
      let pixel = (image * params.height + row * params.kernel + a) * params.width + column * params.kernel + b;
      sum += f32(x[pixel * params.channels + c]);
    }
  }
  y[i] = Stored(sum / f32(rows * columns));
}

// dx = dy of the pixel's window over the pixels that the window holds
@compute @workgroup_size(WIDTH)
fn average_windows_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.height * params.width * params.channels) { return; }
  let c = i % params.channels;
  let column = i / params.channels % params.width / params.kernel;
  let row = i / (params.channels * params.width) % params.height / params.kernel;
  let image = i / (params.channels * params.width * params.height);
  let at = ((image * params.out_height + row) * params.out_width + column) * params.channels + c;
  dx[i] = Stored(f32(dy[at]) / f32(inside(row, params.height) * inside(column, params.width)));
}

// y[n, c] = mean of x[n, ·, ·, c]
@group(0) @binding(2) var<storage, read_write> mean: array<f32>;

@compute @workgroup_size(WIDTH)
fn average(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.channels) { return; }
  let area = params.height * params.width;
  let start = i / params.channels * area * params.channels + i % params.channels;
  var sum = 0.0;
  for (var p = 0u; p < area; p++) { sum += f32(x[start + p * params.channels]); }
  mean[i] = sum / f32(area);
}

@group(0) @binding(1) var<storage, read> mean_gradient: array<f32>;

@compute @workgroup_size(WIDTH)
fn average_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let area = params.height * params.width;
  if (i >= params.batch * area * params.channels) { return; }
  dx[i] = Stored(mean_gradient[i / (area * params.channels) * params.channels + i % params.channels] / f32(area));
}
