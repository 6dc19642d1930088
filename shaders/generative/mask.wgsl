// use lib/linear.wgsl
// use lib/rng.wgsl
// Which patches of an image are hidden, and what is done to views [images][side][side] before an encoder sees them. All
// that is left to chance is a function of (seed, step, image).

alias Stored = vec4f;
const WIDTH = 64u;
// Keys beyond those that views draw by.
const MASK_KEY = 0x40000000u; // one a patch
const NOISE_KEY = 0x60000000u; // one a pixel

struct Params {
  images: u32,
  patches: u32, // of an image
  visible: u32, // of them
  side: u32, patch_side: u32, // of a view and of a patch, in pixels
  red: f32, green: f32, blue: f32, // deviation of the noise
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> numbers: array<u32>; // [images]: which image
@group(0) @binding(2) var<storage, read> counter: array<u32>; // seed, step
@group(0) @binding(3) var<storage, read_write> new_hashes: array<u32>; // [images][patches]

@compute @workgroup_size(WIDTH)
fn draw(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.patches) { return; }
  let key = vec4u(counter[0], counter[1], numbers[i / params.patches], MASK_KEY + i % params.patches);
  new_hashes[i] = pcg4d(key).x;
}

// A patch's rank among the hashes of its image, the first of equal ones first: a permutation, so that exactly as many
// ranks lie below any number. `order` is its inverse.
@group(0) @binding(1) var<storage, read> hashes: array<u32>;
@group(0) @binding(2) var<storage, read_write> new_ranks: array<u32>; // [images][patches]
@group(0) @binding(3) var<storage, read_write> order: array<u32>; // [images][patches]

@compute @workgroup_size(WIDTH)
fn rank(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.patches) { return; }
  let first = i / params.patches * params.patches;
  var below = 0u;
  for (var other = first; other < first + params.patches; other++) {
    let comes_first = hashes[other] < hashes[i] || (hashes[other] == hashes[i] && other < i);
    below += select(0u, 1u, comes_first);
  }
  new_ranks[i] = below;
  order[first + below] = i - first;
}

@group(0) @binding(1) var<storage, read> ranks: array<u32>; // [images][patches]
@group(0) @binding(4) var<storage, read> x: array<Stored>; // [images][side][side]
@group(0) @binding(5) var<storage, read_write> y: array<Stored>;

// Hidden patches become 0, the mean that pixels are brought to.
@compute @workgroup_size(WIDTH)
fn hide(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let pixels = params.side * params.side;
  if (i >= params.images * pixels) { return; }
  let row = i % pixels / params.side / params.patch_side;
  let place = row * (params.side / params.patch_side) + i % params.side / params.patch_side;
  let hidden = ranks[i / pixels * params.patches + place] >= params.visible;
  y[i] = select(x[i], Stored(), hidden);
}

// y = x + noise, three normal numbers a pixel (Box & Muller 1958).
@group(0) @binding(1) var<storage, read> images_of: array<u32>; // [images]: which image

@compute @workgroup_size(WIDTH)
fn add_noise(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let pixels = params.side * params.side;
  if (i >= params.images * pixels) { return; }
  let u = uniform4(vec4u(counter[0], counter[1], images_of[i / pixels], NOISE_KEY + i % pixels));
  let lengths = sqrt(-2.0 * log(1.0 - u.xz)); // of u below 1
  let angles = 6.283185307 * u.yw;
  let normals = vec4f(lengths.x * cos(angles.x), lengths.x * sin(angles.x), lengths.y * cos(angles.y), 0.0);
  y[i] = Stored(vec4f(x[i]) + normals * vec4f(params.red, params.green, params.blue, 0.0));
}
