enable subgroups;
// use lib/quad_convolution.wgsl
// use lib/quad_epilogue.wgsl

// The convolution of tile.wgsl for pixels of one vec4f, as of an encoder's first layer, in the manner of runs.wgsl: a lane
// owns a run of the result's pixels on a line, and the taps of a kernel's row share the pixels that it loads for them.

alias Stored = f32; // of x and y; weights and sums are f32
const LANES = 8u; // no more than a subgroup has
const CHANNELS = 16u; // of a workgroup; a multiple of 4
const QUADS = CHANNELS / 4u;
const KERNEL = 7u;
const STRIDE = 2u;
const DEPTH = 3u; // numbers of a pixel that have weights: 3 of r g b 0
const VECTORS = 2u; // vec4f of the result's pixels of a lane
const RUN = 4u * VECTORS;
const PIXELS = (RUN - 1u) * STRIDE + KERNEL; // that a run sees on one line
const SUMS = CHANNELS * VECTORS;
const WEIGHTS = KERNEL * DEPTH * QUADS; // vec4f of a kernel's row
const PARTS = (WEIGHTS + LANES - 1u) / LANES; // of them that a lane loads

@compute @workgroup_size(LANES)
fn convolve(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let runs = (params.out_width + RUN - 1u) / RUN;
  let places = params.batch * params.out_height * runs;
  let place = min(group.x * LANES + lane, places - 1u);
  let line = place / runs;
  let out_column = (place - line * runs) * RUN;
  let image = line / params.out_height;
  let out_row = line - image * params.out_height;
  let first_row = i32(out_row * params.stride) - i32(params.pad);
  let first_column = i32(out_column * params.stride) - i32(params.pad);
  let channel = group.y * QUADS; // in vec4f
  let outputs = params.out_channels;
  let last_row = i32(params.height) - 1;
  let last_column = i32(params.width) - 1;

  // Weights lie [k][channel]: the workgroup's QUADS vec4f of each k of a kernel's row, counted through, are the lanes' in
  // turn.
  var at: array<u32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    let number = min(p * LANES + lane, WEIGHTS - 1u);
    at[p] = number / QUADS * outputs + min(channel + number % QUADS, outputs - 1u);
  }
  var sum: array<vec4f, SUMS>; // of four pixels each

  for (var a = 0u; a < params.kernel; a++) {
    let row = first_row + i32(a);
    let inside = row >= 0 && row <= last_row;
    let start = (image * params.height + u32(clamp(row, 0, last_row))) * params.width;
    var pixel: array<vec4f, PIXELS>;
    for (var c = 0u; c < PIXELS; c++) {
      let column = first_column + i32(c);
      let valid = inside && column >= 0 && column <= last_column;
      pixel[c] = select(0.0, 1.0, valid) * vec4f(x[start + u32(clamp(column, 0, last_column))]);
    }
    var left: array<vec4f, PARTS>;
    for (var p = 0u; p < PARTS; p++) { left[p] = weight[a * (KERNEL * DEPTH) * outputs + at[p]]; }
    for (var j = 0u; j < CHANNELS; j++) {
      for (var b = 0u; b < KERNEL; b++) {
        for (var q = 0u; q < DEPTH; q++) {
          let w = subgroupShuffle(left[((b * DEPTH + q) * QUADS + j / 4u) / LANES][j % 4u], ((b * DEPTH + q) * QUADS + j / 4u) % LANES);
          for (var v = 0u; v < VECTORS; v++) {
            sum[j * VECTORS + v] += w * vec4f(
              pixel[4u * v * STRIDE + b][q], pixel[(4u * v + 1u) * STRIDE + b][q],
              pixel[(4u * v + 2u) * STRIDE + b][q], pixel[(4u * v + 3u) * STRIDE + b][q]);
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
            if (out_column + 4u * v + q < params.out_width) {
              let to = (line * params.out_width + out_column + 4u * v + q) * outputs + channel + j;
              y[to] = vec4<Stored>(finish(values[q], to, channel + j));
            }
          }
        }
      }
    }
  }
}
