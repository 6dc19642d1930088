enable subgroups;

// The weight gradient of weight_gradient_subgroup.wgsl for 3×3 convolutions with stride 1 whose images' lines
// are whole runs of RUN pixels. Its k are the pixels of a run; a lane owns one vec4f of input channels at the three
// taps of a kernel's row, which share the run's pixels.

alias Stored = f32; // or f16
const LANES = 8u; // no more than a subgroup has
const OUTPUTS = 16u; // output channels of a workgroup; a multiple of 4
const QUADS = OUTPUTS / 4u;
const RUN = 8u;
const PARTS = RUN * QUADS / LANES; // vec4f of dy that a lane loads for a run
const PIXELS = RUN + 2u;
const LAST = RUN + 1u;
const SUMS = 3u * OUTPUTS;

struct Params {
  batch: u32,
  height: u32, width: u32,
  channels: u32, // of x
  out_channels: u32, // of dy, in vec4f
  slice: u32, // of one workgroup: lines
  four: u32, // 4: a loop to a constant is written out, and every load and store in it costs time to compile
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<Stored>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4f>; // [slices][3][3][Cin][Cout]

@compute @workgroup_size(LANES)
fn weight_gradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let inputs = params.channels / 4u; // in vec4f
  let outputs = params.out_channels;
  let place = group.x * LANES + lane; // a vec4f of input channels of one row of taps
  let a = min(place, 3u * inputs - 1u) / inputs;
  let input = min(place, 3u * inputs - 1u) % inputs;
  let output = group.y * QUADS; // in vec4f
  let width = params.width;
  let height = params.height;
  let last = min((group.z + 1u) * params.slice, params.batch * height);
  // The run's QUADS vec4f of dy at each pixel, counted through, are the lanes' in turn.
  var at: array<u32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    let number = p * LANES + lane;
    at[p] = number / QUADS * outputs + min(output + number % QUADS, outputs - 1u);
  }
  var sum: array<vec4f, SUMS>; // of four input channels each

  for (var line = group.z * params.slice; line < last; line++) {
    let row = i32(line % height + a) - 1;
    let valid = row >= 0 && row < i32(height);
    let inside = select(0.0, 1.0, valid);
    let x_line = select(0u, (line - line % height + u32(row)) * width * inputs, valid) + input;
    for (var column = 0u; column < width; column += RUN) {
      var left: array<vec4f, PARTS>;
      for (var p = 0u; p < PARTS; p++) { left[p] = vec4f(dy[(line * width + column) * outputs + at[p]]); }
      var pixel: array<vec4f, PIXELS>;
      let x_run = x_line + column * inputs;
      for (var c = 0u; c < RUN; c++) { pixel[c + 1u] = inside * vec4f(x[x_run + c * inputs]); }
      pixel[0] = select(0.0, inside, column > 0u) * vec4f(x[select(x_line, x_run - inputs, column > 0u)]);
      let more = column + RUN < width;
      pixel[LAST] = select(0.0, inside, more) * vec4f(x[select(x_line, x_run + RUN * inputs, more)]);
      for (var o = 0u; o < OUTPUTS; o++) {
        for (var k = 0u; k < RUN; k++) {
          let g = subgroupShuffle(left[(k * QUADS + o / 4u) / LANES][o % 4u], (k * QUADS + o / 4u) % LANES);
          for (var b = 0u; b < 3u; b++) { sum[3u * o + b] += g * pixel[k + b]; }
        }
      }
    }
  }
  if (place < 3u * inputs) {
    for (var b = 0u; b < 3u; b++) {
      for (var o = 0u; o < QUADS; o++) {
        if (output + o < outputs) {
          let values = transpose(mat4x4f(
            sum[12u * o + b], sum[12u * o + 3u + b], sum[12u * o + 6u + b], sum[12u * o + 9u + b]));
          for (var q = 0u; q < params.four; q++) {
            let to = ((group.z * 9u + 3u * a + b) * params.channels + 4u * input + q) * outputs + output + o;
            partial[to] = values[q];
          }
        }
      }
    }
  }
}
