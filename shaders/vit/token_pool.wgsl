// use lib/linear.wgsl
// What an image's tokens come to: the class token, the mean of the patches' tokens, or one behind the other.

// What an invocation takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
const WIDTH = 64u;

struct Params {
  images: u32, tokens: u32, channels: u32, // channels in elements
  leading: u32, // tokens before those of the patches
  class_token: u32, mean: u32, // 1 where it is a part of the result
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>; // [images][tokens][C]
@group(0) @binding(2) var<storage, read_write> y: array<Element>; // [images][C or 2·C]

@compute @workgroup_size(WIDTH)
fn pool(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let columns = (params.class_token + params.mean) * params.channels;
  if (i >= params.images * columns) { return; }
  let image = i / columns * params.tokens * params.channels;
  let c = i % params.channels;
  if (i % columns < params.class_token * params.channels) {
    y[i] = x[image + c];
    return;
  }
  var sum = Element();
  for (var token = params.leading; token < params.tokens; token++) { sum += x[image + token * params.channels + c]; }
  y[i] = sum / f32(params.tokens - params.leading);
}

@group(0) @binding(1) var<storage, read> dy: array<Element>;
@group(0) @binding(2) var<storage, read_write> dx: array<Element>;

@compute @workgroup_size(WIDTH)
fn pool_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.tokens * params.channels) { return; }
  let c = i % params.channels;
  let token = i / params.channels % params.tokens;
  let row = i / (params.channels * params.tokens) * (params.class_token + params.mean) * params.channels;
  var value = Element();
  if (params.class_token == 1u && token == 0u) { value = dy[row + c]; }
  if (params.mean == 1u && token >= params.leading) {
    value += dy[row + params.class_token * params.channels + c] / f32(params.tokens - params.leading);
  }
  dx[i] = value;
}
