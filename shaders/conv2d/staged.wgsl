// use lib/panel_loop.wgsl
// use lib/staged_tile.wgsl
// use lib/tap_walk.wgsl
// use lib/epilogue.wgsl
// The convolution of tile.wgsl or, where GRADIENT, its input's gradient, for graphics cards: an implicit product of
// pixels × (taps · channels) with the weights, whose panels lie in workgroup memory. A lane stages the same four pixels of
// every panel.

alias Stored = f32; // of x, y and their gradients; weights and sums are f32
const GRADIENT = false; // from dy to dx, which stand for x and y below
const ACCUMULATE = false; // y += instead of y =
const LEFT_ALONG_K = true;
const RIGHT_ALONG_K = GRADIENT;

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of the convolution's input
  pitch: u32, // elements from one pixel of it to the next: its channels, or more where it is padded
  out_height: u32, out_width: u32, out_channels: u32, // of its output
  kernel: u32, stride: u32, pad: u32,
  has_bias: u32, has_residual: u32, relu: u32, // 1: what follows the sum, see epilogue.wgsl
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> weight: array<f32>; // [KH][KW][Cin][Cout]
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

const PIXELS = 4u * LEFT_QUADS; // that a lane stages
var<private> origins: array<vec3i, PIXELS>;

fn source_channels() -> u32 { return select(params.channels, params.out_channels, GRADIENT); }
fn source_pitch() -> u32 { return select(params.pitch, params.out_channels, GRADIENT); }
fn result_channels() -> u32 { return select(params.out_channels, params.channels, GRADIENT); }

fn load_left(i: u32, k: u32, row: u32) -> vec4f {
  let tap = k / source_channels();
  var quad: vec4f;
  for (var e = 0u; e < 4u; e++) {
    let pixel = source_pixel(walk, origins[4u * i + e], tap);
    let valid = k < total && pixel >= 0;
    let at = u32(pixel) * source_pitch() + k % source_channels();
    quad[e] = select(0.0, f32(x[select(0u, at, valid)]), valid);
  }
  return quad;
}

fn load_right(k: u32, column: u32) -> vec4f {
  let tap = weight_tap(walk, k / source_channels());
  var quad: vec4f;
  for (var e = 0u; e < 4u; e++) {
    let channel = first_channel + column + e;
    let valid = k < total && channel < result_channels();
    let along_k = (tap * params.channels + channel) * params.out_channels + k % params.out_channels;
    let at = select(k * params.out_channels + channel, along_k, GRADIENT);
    quad[e] = select(0.0, weight[select(0u, at, valid)], valid);
  }
  return quad;
}

fn write_quad(row: u32, column: u32, quad: vec4f) {
  let pixel = first_pixel + row;
  let start = result_pixel(walk, pixel) * result_channels();
  for (var e = 0u; e < 4u; e++) {
    let channel = first_channel + column + e;
    if (pixel < pixels && channel < result_channels()) {
      var value = finish(quad[e], start + channel, channel);
      if (ACCUMULATE) { value += f32(y[start + channel]); }
      y[start + channel] = Stored(value);
    }
  }
}

@compute @workgroup_size(LANES)
fn convolve(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let extent = begin_walk(group, source_channels());
  if (extent.is_empty) { return; }
  for (var p = 0u; p < PIXELS; p++) {
    let pixel = first_pixel + 4u * staged_quad(lane + p / 4u * LANES, QUADS_M, LEFT_ALONG_K) + p % 4u;
    origins[p] = origin_of(walk, min(pixel, pixels - 1u));
  }
  var sums: Sums;
  add_panels(&sums, lane, 0u, (extent.total + DEPTH - 1u) / DEPTH);
  write_tile(&sums, lane);
}
