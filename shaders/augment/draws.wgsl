// use lib/linear.wgsl
// use lib/rng.wgsl
// Draws how each view of each image of a batch is augmented. One invocation a view; the result is four vectors:
//   box      left, top, width, height of the crop, in whole source pixels
//   factors  brightness, contrast, saturation (multipliers), hue (shift, in turns)
//   order    which of BRIGHTNESS … HUE comes first, second, third, fourth
//   choices  flip (0 or 1), jitter (0 or 1), greyscale (0 or 1), σ of the blur in pixels (0: no blur)

const WIDTH = 64u;

// Each use of randomness has a slot of its own, so that a change of policy leaves the other draws as they were.
const SLOTS = 16u; // a view
const CROP_SLOT = 0u; // one slot a try
const TRIES = 10u;
const CHOICE_SLOT = 10u;
const FACTOR_SLOT = 11u;
const ORDER_SLOT = 12u; // x: the order, y: σ

struct Params {
  batch: u32, views: u32, // views = batch · (1 or 2): all first views, then all second ones
  source_size: u32,
  crop: u32, // 0: the whole image
  scale_low: f32, scale_high: f32, log_ratio_low: f32, log_ratio_high: f32,
  flip: f32, jitter: f32, greyscale: f32, blur: f32, // probabilities
  brightness: f32, contrast: f32, saturation: f32, hue: f32,
  sigma_low: f32, sigma_high: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> indices: array<u32>; // [batch]
@group(0) @binding(2) var<storage, read> counter: array<u32>; // seed, step
@group(0) @binding(3) var<storage, read_write> draws: array<vec4f>; // [views][4]

@compute @workgroup_size(WIDTH)
fn draw(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let view = linear(group, groups, lane, WIDTH);
  if (view >= params.views) { return; }
  let key = vec4u(counter[0], counter[1], indices[view % params.batch], view / params.batch * SLOTS);
  let chance = uniform4(key + vec4u(0u, 0u, 0u, CHOICE_SLOT));
  let chosen = chance < vec4f(params.flip, params.jitter, params.greyscale, params.blur);
  let order_sigma = uniform4(key + vec4u(0u, 0u, 0u, ORDER_SLOT));
  let sigma = params.sigma_low + (params.sigma_high - params.sigma_low) * order_sigma.y;
  draws[4u * view] = crop_box(key);
  draws[4u * view + 1u] = factors(uniform4(key + vec4u(0u, 0u, 0u, FACTOR_SLOT)));
  draws[4u * view + 2u] = permutation(u32(24.0 * order_sigma.x));
  draws[4u * view + 3u] = vec4f(vec3f(chosen.xyz), select(0.0, sigma, chosen.w));
}

// torchvision's RandomResizedCrop: up to ten tries of an area and a log-uniform ratio until the box fits the image;
// then the largest centred box whose ratio is allowed.
fn crop_box(key: vec4u) -> vec4f {
  let side = f32(params.source_size);
  if (params.crop == 0u) { return vec4f(0.0, 0.0, side, side); }
  var box = vec4f(0.0);
  var found = false;
  for (var attempt = 0u; attempt < TRIES && !found; attempt++) {
    let u = uniform4(key + vec4u(0u, 0u, 0u, CROP_SLOT + attempt));
    let area = side * side * (params.scale_low + (params.scale_high - params.scale_low) * u.x);
    let ratio = exp(params.log_ratio_low + (params.log_ratio_high - params.log_ratio_low) * u.y);
    let size = round(sqrt(area * vec2f(ratio, 1.0 / ratio)));
    if (all(size > vec2f(0.0)) && all(size <= vec2f(side))) {
      box = vec4f(floor(u.zw * (side + 1.0 - size)), size);
      found = true;
    }
  }
  if (found) { return box; }
  let width = round(side * min(1.0, exp(params.log_ratio_high)));
  let height = round(side * min(1.0, exp(-params.log_ratio_low)));
  return vec4f(floor((side - width) / 2.0), floor((side - height) / 2.0), max(width, 1.0), max(height, 1.0));
}

// torchvision's ColorJitter: factors from [max(0, 1 − a), 1 + a], the hue's shift from [−a, a].
fn factors(u: vec4f) -> vec4f {
  let range = vec3f(params.brightness, params.contrast, params.saturation);
  let low = max(vec3f(0.0), 1.0 - range);
  return vec4f(low + (1.0 + range - low) * u.xyz, params.hue * (2.0 * u.w - 1.0));
}

// The number-th of the 24 orders of 0, 1, 2, 3, by its digits in the factorial number system.
fn permutation(number: u32) -> vec4f {
  let first = number / 6u;
  var second = number / 2u % 3u;
  second += select(0u, 1u, second >= first);
  var third = number % 2u;
  let low = min(first, second);
  let high = max(first, second);
  third += select(0u, 1u, third >= low);
  third += select(0u, 1u, third >= high);
  return vec4f(f32(first), f32(second), f32(third), f32(6u - first - second - third));
}
