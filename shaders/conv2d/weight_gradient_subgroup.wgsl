enable subgroups;

// The weight gradient of weight_gradient_tile.wgsl where the channels are whole vec4f: a matrix product whose rows are
// output channels, whose columns are every tap's input channels and whose k are output pixels, in the manner of
// matmul/subgroup.wgsl. Four k are one place in each of four images, which share whether a tap falls on the padding.
//
// K is cut into slices of lines, one along the grid's z; each writes a partial gradient, and reduce.wgsl adds them in
// order.

alias Stored = f32; // of x and dy; sums are f32
const LANES = 8u; // no more than a subgroup has
const OUTPUTS = 32u; // output channels of a workgroup; a multiple of LANES and of 4
const QUADS = OUTPUTS / 4u;
const PARTS = OUTPUTS / LANES; // vec4f of dy that a lane loads for every four k

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x
  pitch: u32, // vec4f from one pixel of x to the next
  out_height: u32, out_width: u32, out_channels: u32, // of dy; the channels in vec4f
  kernel: u32, stride: u32, pad: u32,
  four: u32, // 4: a loop to a constant is written out, and every load and store in it costs time to compile
  slice: u32, // of one workgroup: output lines, each in four images
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<Stored>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>; // [slices][KH][KW][Cin][Cout]

@compute @workgroup_size(LANES)
fn weight_gradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let inputs = (params.channels + 3u) / 4u; // in vec4f
  let taps = params.kernel * params.kernel;
  let column = group.x * LANES + lane; // a vec4f of input channels of one tap
  let tap = min(column, taps * inputs - 1u) / inputs;
  let input = min(column, taps * inputs - 1u) % inputs;
  let a = tap / params.kernel;
  let b = tap % params.kernel;
  let output = group.y * QUADS; // in vec4f
  let last = min((group.z + 1u) * params.slice, (params.batch + 3u) / 4u * params.out_height);
  let x_image = params.height * params.width * params.pitch;
  let dy_image = params.out_height * params.out_width * params.out_channels;

  // The QUADS vec4f of dy at each of four k, counted through, are the lanes' in turn.
  var k: array<u32, PARTS>;
  var channel: array<u32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    k[p] = (p * LANES + lane) / QUADS;
    channel[p] = min(output + (p * LANES + lane) % QUADS, params.out_channels - 1u);
  }
  var sum: array<vec4f, OUTPUTS>; // of four input channels each

  for (var line = group.z * params.slice; line < last; line++) {
    let first = line / params.out_height * 4u; // of the four images
    let out_row = line % params.out_height;
    let row = i32(out_row * params.stride + a) - i32(params.pad);
    let valid_row = row >= 0 && row < i32(params.height);
    let image = min(first + vec4u(0u, 1u, 2u, 3u), vec4u(params.batch - 1u));
    let x_line = image * x_image + input;
    for (var out_column = 0u; out_column < params.out_width; out_column++) {
      var left: array<vec4f, PARTS>;
      for (var p = 0u; p < PARTS; p++) {
        let of_image = min(first + k[p], params.batch - 1u) * dy_image;
        let value = vec4f(dy[of_image + (out_row * params.out_width + out_column) * params.out_channels + channel[p]]);
        left[p] = select(vec4f(), value, first + k[p] < params.batch);
      }
      let x_column = i32(out_column * params.stride + b) - i32(params.pad);
      let valid = valid_row && x_column >= 0 && x_column < i32(params.width);
      let at = x_line + select(0u, (u32(row) * params.width + u32(x_column)) * params.pitch, valid);
      let right = select(0.0, 1.0, valid) * mat4x4f(vec4f(x[at.x]), vec4f(x[at.y]), vec4f(x[at.z]), vec4f(x[at.w]));
      for (var o = 0u; o < OUTPUTS; o++) {
        var g: array<f32, 4>;
        for (var q = 0u; q < 4u; q++) {
          g[q] = subgroupShuffle(left[(q * QUADS + o / 4u) / LANES][o % 4u], (q * QUADS + o / 4u) % LANES);
        }
        sum[o] += right * vec4f(g[0], g[1], g[2], g[3]);
      }
    }
  }

  if (column < taps * inputs) {
    for (var o = 0u; o < QUADS; o++) {
      if (output + o < params.out_channels) {
        let values = transpose(mat4x4f(sum[4u * o], sum[4u * o + 1u], sum[4u * o + 2u], sum[4u * o + 3u]));
        let to = ((group.z * taps + tap) * params.channels + 4u * input) * params.out_channels + output + o;
        for (var i = 0u; i < params.four; i++) {
          if (4u * input + i < params.channels) { partial[to + i * params.out_channels] = values[i]; }
        }
      }
    }
  }
}
