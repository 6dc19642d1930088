// use lib/linear.wgsl
// Subsampling of N×H×W×C images, with channels of zeros before and behind.

alias Stored = f32;
const WIDTH = 64u;

struct Params {
  batch: u32, height: u32, width: u32, channels: u32,
  out_height: u32, out_width: u32, out_channels: u32, stride: u32, before: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

// y[n, h, w, c] = x[n, stride·h, stride·w, c − before] where x has that channel, else 0
@compute @workgroup_size(WIDTH)
fn subsample_pad(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.out_height * params.out_width * params.out_channels) { return; }
  let c = i % params.out_channels;
  let column = i / params.out_channels % params.out_width;
  let row = i / (params.out_channels * params.out_width) % params.out_height;
  let image = i / (params.out_channels * params.out_width * params.out_height);
  var value = Stored(0.0);
  if (c >= params.before && c < params.before + params.channels) {
    let pixel = (image * params.height + params.stride * row) * params.width + params.stride * column;
    value = x[pixel * params.channels + c - params.before];
  }
  y[i] = value;
}

// dx[n, h, w, c] = dy[n, h/stride, w/stride, c + before] where the stride divides h and w, else 0
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;

@compute @workgroup_size(WIDTH)
fn subsample_pad_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.height * params.width * params.channels) { return; }
  let c = i % params.channels;
  let w = i / params.channels % params.width;
  let h = i / (params.channels * params.width) % params.height;
  let image = i / (params.channels * params.width * params.height);
  var value = Stored(0.0);
  if (h % params.stride == 0u && w % params.stride == 0u) {
    let pixel = (image * params.out_height + h / params.stride) * params.out_width + w / params.stride;
    value = dy[pixel * params.out_channels + c + params.before];
  }
  dx[i] = value;
}
