// Makes augmented views from packed uint8 images, by the draws of draws.wgsl. One workgroup a slice of a
// view, one lane several pixels.
//
// Contrast blends with the view's mean grey as it is when contrast's turn comes, so there are two passes: `crop` does
// all up to there and sums the greys; `colour` does the rest. A view without jitter is finished by the first.

alias Stored = f32; // of the views
const WIDTH = 64u;

const BRIGHTNESS = 0u;
const CONTRAST = 1u;
const SATURATION = 2u;
const HUE = 3u;

struct Params {
  batch: u32, views: u32, // views = batch · (1 or 2)
  source_size: u32, image_size: u32,
  slices: u32, // workgroups a view
  mean_red: f32, mean_green: f32, mean_blue: f32, // of the pixels, for the output's scale
  deviation_red: f32, deviation_green: f32, deviation_blue: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> images: array<u32>; // bytes [N][source_size][source_size][3], 4 a word
@group(0) @binding(2) var<storage, read> indices: array<u32>; // [batch]
@group(0) @binding(3) var<storage, read> draws: array<vec4f>; // [views][box, factors, order, choices]
@group(0) @binding(4) var<storage, read_write> y: array<vec4<Stored>>; // [views][image_size][image_size], r g b 0
@group(0) @binding(5) var<storage, read_write> grey_sums: array<f32>; // [views][slices]

var<workgroup> lane_sums: array<f32, WIDTH>;

@compute @workgroup_size(WIDTH)
fn crop(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slice = group.y * groups.x + group.x;
  let view = slice / params.slices;
  if (view >= params.views) { return; }
  let first_byte = indices[view % params.batch] * params.source_size * params.source_size * 3u;
  let box = draws[4u * view];
  let factors = draws[4u * view + 1u];
  let order = draws[4u * view + 2u];
  let choices = draws[4u * view + 3u];
  let is_flipped = choices.x != 0.0;
  let is_jittered = choices.y != 0.0;
  let contrast_turn = turn_of_contrast(order);
  let pixels = params.image_size * params.image_size;
  var sum = 0.0;
  for (var p = slice % params.slices * WIDTH + lane; p < pixels; p += params.slices * WIDTH) {
    let row = p / params.image_size;
    let column = p % params.image_size;
    let source_column = select(column, params.image_size - 1u - column, is_flipped);
    var rgb = resample(first_byte, box, source_column, row);
    if (is_jittered) {
      rgb = jitter(rgb, factors, order, 0u, contrast_turn);
      sum += grey(rgb);
      y[view * pixels + p] = vec4<Stored>(vec4f(rgb, 0.0));
    } else {
      y[view * pixels + p] = vec4<Stored>(finished(rgb, choices.z));
    }
  }
  lane_sums[lane] = sum;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < WIDTH; i++) { total += lane_sums[i]; }
    grey_sums[slice] = total;
  }
}

@compute @workgroup_size(WIDTH)
fn colour(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slice = group.y * groups.x + group.x;
  let view = slice / params.slices;
  if (view >= params.views) { return; }
  let factors = draws[4u * view + 1u];
  let order = draws[4u * view + 2u];
  let choices = draws[4u * view + 3u];
  if (choices.y == 0.0) { return; }
  let contrast_turn = turn_of_contrast(order);
  let pixels = params.image_size * params.image_size;
  var sum = 0.0;
  for (var i = view * params.slices; i < (view + 1u) * params.slices; i++) { sum += grey_sums[i]; }
  let mean = vec3f(sum / f32(pixels));
  for (var p = slice % params.slices * WIDTH + lane; p < pixels; p += params.slices * WIDTH) {
    let contrasted = saturate(mean + factors.y * (vec4f(y[view * pixels + p]).rgb - mean));
    let jittered = jitter(contrasted, factors, order, contrast_turn + 1u, 4u);
    y[view * pixels + p] = vec4<Stored>(finished(jittered, choices.z));
  }
}

// One output pixel: the crop under a triangle filter that is widened by the scale when shrinking, so bilinear when
// enlarging and without aliasing when shrinking (torchvision's antialiased bilinear; src/data/resize.ts on the CPU).
// Pixel centres lie at half-integers; taps outside the box are left out and the rest normalised.
fn resample(first_byte: u32, box: vec4f, column: u32, row: u32) -> vec3f {
  let scale = box.zw / f32(params.image_size);
  let radius = max(scale, vec2f(1.0));
  let centre = (vec2f(f32(column), f32(row)) + 0.5) * scale;
  let first = vec2u(max(floor(centre - radius + 0.5), vec2f(0.0)));
  let last = vec2u(min(ceil(centre + radius - 0.5), box.zw) - 1.0);
  let origin = vec2u(box.xy);
  var sum = vec3f(0.0);
  var weights = 0.0;
  for (var v = first.y; v <= last.y; v++) {
    let row_weight = radius.y - abs(f32(v) + 0.5 - centre.y);
    let row_byte = first_byte + ((origin.y + v) * params.source_size + origin.x) * 3u;
    for (var u = first.x; u <= last.x; u++) {
      let weight = row_weight * (radius.x - abs(f32(u) + 0.5 - centre.x));
      sum += weight * load_rgb(row_byte + 3u * u);
      weights += weight;
    }
  }
  return sum / (255.0 * weights);
}

fn load_rgb(byte: u32) -> vec3f {
  let shift = byte % 4u * 8u;
  var bits = images[byte / 4u] >> shift;
  if (shift > 8u) { bits |= images[byte / 4u + 1u] << (32u - shift); }
  return vec3f(vec3u(bits, bits >> 8u, bits >> 16u) & vec3u(255u));
}

fn turn_of_contrast(order: vec4f) -> u32 {
  return u32(dot(vec4f(order == vec4f(f32(CONTRAST))), vec4f(0.0, 1.0, 2.0, 3.0)));
}

// The jitter's turns first … end − 1, contrast not among them, each clamped to [0, 1].
fn jitter(colour: vec3f, factors: vec4f, order: vec4f, first: u32, end: u32) -> vec3f {
  var rgb = colour;
  for (var turn = first; turn < end; turn++) {
    switch (u32(order[turn])) {
      case BRIGHTNESS: { rgb = saturate(factors.x * rgb); }
      case SATURATION: { rgb = saturate(mix(vec3f(grey(rgb)), rgb, factors.z)); }
      default: { rgb = shift_hue(rgb, factors.w); }
    }
  }
  return rgb;
}

// ITU-R BT.601 luma.
fn grey(rgb: vec3f) -> f32 {
  return dot(rgb, vec3f(0.299, 0.587, 0.114));
}

// Through HSV. Hue in sixths of a turn; channel c = v − chroma · clamp(min(k, 4 − k), 0, 1), k = (n_c + hue) mod 6.
fn shift_hue(rgb: vec3f, shift: f32) -> vec3f {
  let value = max(rgb.r, max(rgb.g, rgb.b));
  let chroma = value - min(rgb.r, min(rgb.g, rgb.b));
  let divisor = select(chroma, 1.0, chroma == 0.0); // a grey has no hue, and stays as it is under any
  var hue = 4.0 + (rgb.r - rgb.g) / divisor;
  if (value == rgb.g) { hue = 2.0 + (rgb.b - rgb.r) / divisor; }
  if (value == rgb.r) { hue = (rgb.g - rgb.b) / divisor; }
  let k = 6.0 * fract((vec3f(5.0, 3.0, 1.0) + hue) / 6.0 + shift);
  return value - chroma * saturate(min(k, 4.0 - k));
}

// Last step of the colours, and the network's scale.
fn finished(rgb: vec3f, is_grey: f32) -> vec4f {
  let shown = select(rgb, vec3f(grey(rgb)), is_grey != 0.0);
  let mean = vec3f(params.mean_red, params.mean_green, params.mean_blue);
  let deviation = vec3f(params.deviation_red, params.deviation_green, params.deviation_blue);
  return vec4f((shown - mean) / deviation, 0.0);
}
