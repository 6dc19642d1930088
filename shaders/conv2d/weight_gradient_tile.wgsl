// dw[a, b, i, o] = Σ_{n, oh, ow} x[n, oh·stride + a − pad, ow·stride + b − pad, i] · dy[n, oh, ow, o]
//
// A matrix product whose K is every output pixel of the batch. K is cut into slices of output lines, one along the
// grid's z; each writes a partial gradient, and reduce.wgsl adds them in order. A workgroup takes one kernel row a
// with all its TAPS columns b: lanes differ in the input channel, output channels are shared, and the gradient dy
// therefore has one address for all lanes.

alias Stored = f32; // of x and dy; sums are f32
const LANES = 8u;
const TAPS = 3u; // KW
const INPUTS = 2u; // input channels of a lane
const OUTPUTS = 16u; // output channels of a workgroup

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x
  pitch: u32, // elements from one pixel of x to the next
  out_height: u32, out_width: u32, out_channels: u32, // of dy
  kernel: u32, stride: u32, pad: u32,
  output_tiles: u32, // workgroups along the output channels
  slice: u32, // output lines of one workgroup
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> dy: array<Stored>;
@group(0) @binding(3) var<storage, read_write> partial: array<f32>; // [slices][KH][KW][Cin][Cout]

@compute @workgroup_size(LANES)
fn weight_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let input = (group.x / params.output_tiles * LANES + lane) * INPUTS;
  let output = group.x % params.output_tiles * OUTPUTS;
  let a = group.y;
  let last = min((group.z + 1u) * params.slice, params.batch * params.out_height);

  var source: array<u32, INPUTS>;
  for (var i = 0u; i < INPUTS; i++) { source[i] = min(input + i, params.channels - 1u); }
  var sum: array<f32, TAPS * INPUTS * OUTPUTS>;

  for (var line = group.z * params.slice; line < last; line++) {
    let row = i32(line % params.out_height * params.stride + a) - i32(params.pad);
    if (row < 0 || row >= i32(params.height)) { continue; }
    let start = (line / params.out_height * params.height + u32(row)) * params.width;
    for (var ow = 0u; ow < params.out_width; ow++) {
      var left: array<f32, TAPS * INPUTS>;
      for (var b = 0u; b < TAPS; b++) {
        let column = i32(ow * params.stride + b) - i32(params.pad);
        let valid = column >= 0 && column < i32(params.width);
        let at = select(0u, (start + u32(column)) * params.pitch, valid);
        let inside = select(0.0, 1.0, valid);
        for (var i = 0u; i < INPUTS; i++) { left[b * INPUTS + i] = f32(x[at + source[i]]) * inside; }
      }
      let gradient = (line * params.out_width + ow) * params.out_channels;
      for (var o = 0u; o < OUTPUTS; o++) {
        let right = f32(dy[gradient + min(output + o, params.out_channels - 1u)]);
        for (var t = 0u; t < TAPS * INPUTS; t++) { sum[t * OUTPUTS + o] += left[t] * right; }
      }
    }
  }

  for (var b = 0u; b < TAPS; b++) {
    for (var i = 0u; i < INPUTS; i++) {
      if (input + i < params.channels) {
        let tap = ((group.z * params.kernel + a) * TAPS + b) * params.channels + input + i;
        for (var o = 0u; o < OUTPUTS; o++) {
          if (output + o < params.out_channels) {
            partial[tap * params.out_channels + output + o] = sum[(b * INPUTS + i) * OUTPUTS + o];
          }
        }
      }
    }
  }
}
