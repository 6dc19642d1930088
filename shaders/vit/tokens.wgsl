// use lib/linear.wgsl
// The rows of an image as a vision transformer has them: a class token, registers, then a token for each patch. The first
// `placed` of them, and all patches, have a position of their own.

// What an invocation takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
const WIDTH = 64u;

struct Params {
  images: u32, tokens: u32, channels: u32, // channels in elements
  leading: u32, // class token and registers
  placed: u32,
  first: u32, rows: u32, to: u32, // of image_sums
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> patches: array<Element>; // [images][tokens − leading][C]
@group(0) @binding(2) var<storage, read> class_token: array<Element>; // [C]
@group(0) @binding(3) var<storage, read> registers: array<Element>; // [leading − 1][C]
@group(0) @binding(4) var<storage, read> positions: array<Element>; // [placed + tokens − leading][C]
@group(0) @binding(5) var<storage, read_write> y: array<Element>; // [images][tokens][C]

@compute @workgroup_size(WIDTH)
fn embed(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.tokens * params.channels) { return; }
  let c = i % params.channels;
  let token = i / params.channels % params.tokens;
  let image = i / (params.channels * params.tokens);
  var value = Element();
  if (token == 0u) {
    value = class_token[c];
  } else if (token < params.leading) {
    value = registers[(token - 1u) * params.channels + c];
  } else {
    let place = token - params.leading;
    value = patches[(image * (params.tokens - params.leading) + place) * params.channels + c];
    value += positions[(params.placed + place) * params.channels + c];
  }
  if (token < params.placed) { value += positions[token * params.channels + c]; }
  y[i] = value;
}

@group(0) @binding(1) var<storage, read> dy: array<Element>; // [images][tokens][C]
@group(0) @binding(2) var<storage, read_write> dpatches: array<Element>;

@compute @workgroup_size(WIDTH)
fn patch_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let row = (params.tokens - params.leading) * params.channels;
  if (i >= params.images * row) { return; }
  dpatches[i] = dy[i / row * params.tokens * params.channels + params.leading * params.channels + i % row];
}

// What is the same for all images gets the sum of their gradients: that of `rows` tokens from the `first` on, from row
// `to` of the result on.
@group(0) @binding(2) var<storage, read_write> total: array<Element>;

@compute @workgroup_size(WIDTH)
fn image_sums(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.rows * params.channels) { return; }
  var sum = Element();
  for (var image = 0u; image < params.images; image++) {
    sum += dy[(image * params.tokens + params.first) * params.channels + i];
  }
  total[params.to * params.channels + i] = sum;
}
