enable subgroups;
// use lib/quad_convolution.wgsl
// use lib/quad_epilogue.wgsl

// The 3×3 convolution with stride 1 of subgroup.wgsl, forward and, with TRANSPOSED weights, its input's gradient,
// where an image's lines are whole runs of 4·VECTORS pixels and a workgroup's lanes own whole lines. A lane owns one
// run: the three taps of a kernel's row share its pixels, and the pixels beside the run come from the lanes beside it.

alias Stored = f32; // of x and y; weights and sums are f32
const LANES = 8u; // no more than a subgroup has; a multiple of the runs of a line
const CHANNELS = 16u; // of a workgroup; a multiple of LANES and of 4
const QUADS = CHANNELS / 4u;
const PARTS = CHANNELS / LANES; // vec4f of weights that a lane loads for every four k of a tap
const VECTORS = 2u; // vec4f of pixels of a lane
const RUN = 4u * VECTORS;
const DEPTH = 4u; // numbers of a vec4f of x that have weights: 3 of a pixel r g b 0
const TRANSPOSED = false;
const ACCUMULATE = false; // y += instead of y =
const SUMS = CHANNELS * VECTORS;
const LOADED = 3u * PARTS;
const PIXELS = RUN + 2u;
const LAST = RUN + 1u;

@compute @workgroup_size(LANES)
fn convolve(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let runs = params.width / RUN;
  let places = params.batch * params.height * runs;
  let place = min(group.x * LANES + lane, places - 1u);
  let line = place / runs;
  let column = (place - line * runs) * RUN;
  let image = line / params.height;
  let out_row = line - image * params.height;
  let channel = group.y * QUADS; // in vec4f
  let outputs = params.out_channels;
  let inputs = params.pitch;
  let after_first = select(0.0, 1.0, column > 0u);
  let before_last = select(0.0, 1.0, column + RUN < params.width);

  // Weights lie [k][channel], where the workgroup's QUADS vec4f of each of four k, counted through, are the lanes' in
  // turn; or, transposed, [channel][k], where a lane loads four k of its own channels.
  var at: array<u32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    let number = p * LANES + lane;
    at[p] = select(
      number / QUADS * outputs + min(channel + number % QUADS, outputs - 1u),
      min(4u * channel + number, 4u * outputs - 1u) * inputs,
      TRANSPOSED);
  }
  let tap_size = params.channels * outputs;
  let k_step = select(4u * outputs, 1u, TRANSPOSED);
  var sum: array<vec4f, SUMS>; // of four pixels each

  // To 3, but not as a constant: a loop over the kernel's rows that is written out compiles and runs no faster.
  for (var a = 0u; a < params.kernel; a++) {
    let row = i32(out_row + a) - 1;
    let valid = row >= 0 && row < i32(params.height);
    let inside = select(0.0, 1.0, valid);
    let x_run = select(0u, ((image * params.height + u32(row)) * params.width + column) * inputs, valid);
    // The gradient's taps lie the other way round.
    let first_tap = select(3u * a, 8u - 3u * a, TRANSPOSED) * tap_size;
    for (var i = 0u; i < inputs; i++) {
      var pixel: array<vec4f, PIXELS>;
      for (var c = 0u; c < RUN; c++) { pixel[c + 1u] = inside * vec4f(x[x_run + c * inputs + i]); }
      pixel[0] = after_first * subgroupShuffle(pixel[RUN], (lane + LANES - 1u) % LANES);
      pixel[LAST] = before_last * subgroupShuffle(pixel[1], (lane + 1u) % LANES);
      var left: array<vec4f, LOADED>;
      for (var b = 0u; b < 3u; b++) {
        let tap = select(first_tap + b * tap_size, first_tap - b * tap_size, TRANSPOSED) + i * k_step;
        for (var p = 0u; p < PARTS; p++) { left[b * PARTS + p] = weight[tap + at[p]]; }
      }
      for (var j = 0u; j < CHANNELS; j++) {
        for (var b = 0u; b < 3u; b++) {
          for (var q = 0u; q < DEPTH; q++) {
            let w = select(
              subgroupShuffle(left[b * PARTS + (q * QUADS + j / 4u) / LANES][j % 4u], (q * QUADS + j / 4u) % LANES),
              subgroupShuffle(left[b * PARTS + j / LANES][q], j % LANES),
              TRANSPOSED);
            for (var v = 0u; v < VECTORS; v++) {
              sum[j * VECTORS + v] += w * vec4f(
                pixel[4u * v + b][q], pixel[4u * v + b + 1u][q], pixel[4u * v + b + 2u][q], pixel[4u * v + b + 3u][q]);
            }
          }
        }
      }
    }
  }

  if (group.x * LANES + lane < places) {
    for (var v = 0u; v < VECTORS; v++) {
      for (var j = 0u; j < QUADS; j++) {
        if (channel + j < outputs) {
          let values = transpose(mat4x4f(
            sum[4u * j * VECTORS + v], sum[(4u * j + 1u) * VECTORS + v],
            sum[(4u * j + 2u) * VECTORS + v], sum[(4u * j + 3u) * VECTORS + v]));
          for (var q = 0u; q < params.four; q++) {
            let to = (line * params.width + column + 4u * v + q) * outputs + channel + j;
            var value = finish(values[q], to, channel + j);
            if (ACCUMULATE) { value += vec4f(y[to]); }
            y[to] = vec4<Stored>(value);
          }
        }
      }
    }
  }
}
