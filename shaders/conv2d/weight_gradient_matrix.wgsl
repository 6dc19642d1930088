// use lib/panel_loop.wgsl
// use lib/matrix_tile.wgsl
// The weight gradient of weight_gradient_tile.wgsl on matrix units, where x and dy are f16 and channels whole vec4: a
// product of (taps · input channels) × output pixels with output pixels × output channels. Slices of the pixels lie along
// the grid's z; each writes a partial gradient, and reduce.wgsl adds them in order.

// Both operands lie along their channels: the left panel holds x transposed.
const LEFT_ALONG_K = false;
const RIGHT_ALONG_K = false;
alias RightQuad = vec4h;

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x
  pitch: u32, // vec4 from one pixel of x to the next
  out_height: u32, out_width: u32, out_channels: u32, // of dy; the channels in vec4
  kernel: u32, stride: u32, pad: u32,
  slice: u32, // of one workgroup: output pixels, in panels
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4h>;
@group(0) @binding(2) var<storage, read> dy: array<vec4h>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>; // [slices][KH][KW][Cin][Cout]

// Where the workgroup's part begins and ends.
var<private> first_pixel: u32;
var<private> last_pixel: u32;
var<private> first_input: u32; // of all taps' input channels
var<private> first_output: u32;
var<private> slice: u32;

fn load_left(i: u32, k: u32, row: u32) -> vec4h {
  let pixel = first_pixel + k;
  let input = (first_input + row) / 4u;
  let tap = input / params.pitch;
  let line = pixel / params.out_width;
  let h = i32(line % params.out_height * params.stride + tap / params.kernel) - i32(params.pad);
  let w = i32(pixel % params.out_width * params.stride + tap % params.kernel) - i32(params.pad);
  let inside = h >= 0 && h < i32(params.height) && w >= 0 && w < i32(params.width);
  let valid = pixel < last_pixel && tap < params.kernel * params.kernel && inside;
  let at = ((line / params.out_height * params.height + u32(h)) * params.width + u32(w)) * params.pitch + input % params.pitch;
  return select(vec4h(), x[select(0u, at, valid)], valid);
}

fn load_right(k: u32, column: u32) -> vec4h {
  let pixel = first_pixel + k;
  let output = (first_output + column) / 4u;
  let valid = pixel < last_pixel && output < params.out_channels;
  return select(vec4h(), dy[select(0u, pixel * params.out_channels + output, valid)], valid);
}

fn write_quad(row: u32, column: u32, quad: vec4f) {
  let taps = params.kernel * params.kernel;
  let tap = (first_input + row) / (4u * params.pitch);
  let input = (first_input + row) % (4u * params.pitch);
  let output = (first_output + column) / 4u;
  if (tap < taps && input < params.channels && output < params.out_channels) {
    partial[((slice * taps + tap) * params.channels + input) * params.out_channels + output] = quad;
  }
}

@compute @workgroup_size(THREADS)
fn weight_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let first = group.z * params.slice * DEPTH;
  let last = min(first + params.slice * DEPTH, params.batch * params.out_height * params.out_width);
  first_pixel = first;
  last_pixel = last;
  first_input = group.x * TILE_M;
  first_output = group.y * TILE_N;
  slice = group.z;
  var sums: Sums;
  add_panels(&sums, thread, subgroup, (last - first + DEPTH - 1u) / DEPTH);
  write_tile(&sums, subgroup, lane);
}
