// use lib/panel_loop.wgsl
// use lib/matrix_tile.wgsl
// use lib/tap_walk.wgsl
// use lib/quad_epilogue.wgsl
// The convolution of tile.wgsl or, where GRADIENT, its input's gradient, on matrix units, where activations are f16 and
// channels whole vec4: an implicit product of pixels × (taps · channels) with the weights, which are rounded to f16 as
// they are staged. A thread stages the same pixels of every panel.

const GRADIENT = false; // from dy to dx, which stand for x and y below
const ACCUMULATE = false; // y += instead of y =
const LEFT_ALONG_K = true;
const RIGHT_ALONG_K = GRADIENT;
alias RightQuad = vec4f;
alias Stored = f16;

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of the convolution's input
  pitch: u32, // vec4 from one pixel of it to the next
  out_height: u32, out_width: u32, out_channels: u32, // of its output; the channels in vec4
  kernel: u32, stride: u32, pad: u32,
  has_bias: u32, has_residual: u32, relu: u32, // 1: what follows the sum, see quad_epilogue.wgsl
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4h>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>; // [KH][KW][Cin][Cout]
@group(0) @binding(3) var<storage, read_write> y: array<vec4h>;

var<private> origins: array<vec3i, LEFT_QUADS>;

// In vec4.
fn source_pitch() -> u32 { return select(params.pitch, params.out_channels, GRADIENT); }
fn result_pitch() -> u32 { return select(params.out_channels, params.channels / 4u, GRADIENT); }

fn load_left(i: u32, k: u32, row: u32) -> vec4h {
  let quad = k / 4u;
  let pixel = source_pixel(walk, origins[i], quad / source_pitch());
  let valid = k < total && pixel >= 0;
  let at = u32(pixel) * source_pitch() + quad % source_pitch();
  return select(vec4h(), x[select(0u, at, valid)], valid);
}

// Weights of four outputs: k counts inputs and the tile's columns are outputs, or in the gradient the other way round.
fn load_right(k: u32, column: u32) -> vec4f {
  let tap = weight_tap(walk, k / 4u / source_pitch());
  let channel = first_channel + column;
  let source = k % (4u * source_pitch());
  let input = select(source, channel, GRADIENT);
  let output = select(channel, source, GRADIENT) / 4u;
  let valid = k < total && input < params.channels && output < params.out_channels;
  let at = (tap * params.channels + input) * params.out_channels + output;
  return select(vec4f(), weight[select(0u, at, valid)], valid);
}

fn write_quad(row: u32, column: u32, quad: vec4f) {
  let pixel = first_pixel + row;
  let channel = (first_channel + column) / 4u;
  if (pixel < pixels && channel < result_pitch()) {
    let to = result_pixel(walk, pixel) * result_pitch() + channel;
    var value = finish(quad, to, channel);
    if (ACCUMULATE) { value += vec4f(y[to]); }
    y[to] = vec4h(value);
  }
}

@compute @workgroup_size(THREADS)
fn convolve(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let extent = begin_walk(group, 4u * source_pitch());
  if (extent.is_empty) { return; }
  for (var i = 0u; i < LEFT_QUADS; i++) {
    origins[i] = origin_of(walk, min(first_pixel + (thread + i * THREADS) / QUADS_K, pixels - 1u));
  }
  var sums: Sums;
  add_panels(&sums, thread, subgroup, (extent.total + DEPTH - 1u) / DEPTH);
  write_tile(&sums, subgroup, lane);
}
