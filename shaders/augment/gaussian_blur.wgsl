// use lib/linear.wgsl
// Blurs along one axis the views whose draws say so; the other views' part of y stays as it was. Two passes, one an
// axis, make the whole Gaussian. Borders are reflected without repeating the edge, as torchvision's are.

alias Stored = f32; // of the views
const WIDTH = 64u;

struct Params { views: u32, image_size: u32, radius: u32, axis: u32 } // axis 0: along rows, 1: along columns
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> draws: array<vec4f>; // [views][4], σ in the last component
@group(0) @binding(2) var<storage, read> x: array<vec4<Stored>>; // [views][image_size][image_size]
@group(0) @binding(3) var<storage, read_write> y: array<vec4<Stored>>;

@compute @workgroup_size(WIDTH)
fn blur(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let pixels = params.image_size * params.image_size;
  if (i >= params.views * pixels) { return; }
  let sigma = draws[4u * (i / pixels) + 3u].w;
  if (sigma == 0.0) { return; }
  let stride = select(1u, params.image_size, params.axis == 1u);
  let position = i / stride % params.image_size;
  let start = i - position * stride;
  var sum = vec4f(x[i]);
  var weights = 1.0;
  for (var d = 1u; d <= params.radius; d++) {
    let weight = exp(-0.5 * f32(d * d) / (sigma * sigma));
    let before = abs(i32(position) - i32(d));
    let after = i32(params.image_size) - 1 - abs(i32(params.image_size) - 1 - i32(position + d));
    sum += weight * (vec4f(x[start + u32(before) * stride]) + vec4f(x[start + u32(after) * stride]));
    weights += 2.0 * weight;
  }
  y[i] = vec4<Stored>(sum / weights);
}
