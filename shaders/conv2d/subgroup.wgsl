enable subgroups;
// use lib/quad_convolution.wgsl
// use lib/quad_epilogue.wgsl

// The convolution of tile.wgsl and its input's gradient, where the channels are whole vec4f: a matrix product whose
// rows are channels and whose columns are pixels, in the manner of matmul/subgroup.wgsl. A number is loaded by one lane
// and handed to the others, since a load costs a software adapter as much as ten multiply-adds.
//
// A lane owns one place in each of four images: all four share their taps, and whether those fall on the padding.

alias Stored = f32; // of x, y and their gradients; weights and sums are f32
const LANES = 8u; // no more than a subgroup has
const CHANNELS = 32u; // of a workgroup; a multiple of LANES and of 4
const QUADS = CHANNELS / 4u;
const PARTS = CHANNELS / LANES; // vec4f of weights that a lane loads for every four k
const DEPTH = 4u; // numbers of a vec4f of x that have weights: 3 of a pixel r g b 0
const ACCUMULATE = false; // dx += instead of dx =

@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let places = (params.batch + 3u) / 4u * params.out_height * params.out_width;
  let place = min(group.x * LANES + lane, places - 1u);
  let line = place / params.out_width;
  let out_column = place - line * params.out_width;
  let first = line / params.out_height; // of the images, in fours
  let out_row = line - first * params.out_height;
  let image = min(4u * first + vec4u(0u, 1u, 2u, 3u), vec4u(params.batch - 1u));
  let x_image = image * params.height * params.width * params.pitch;
  let channel = group.y * QUADS; // in vec4f

  // Weights lie [k][channel]: the workgroup's QUADS vec4f of each of four k, counted through, are the lanes' in turn.
  var at: array<u32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    let k = (p * LANES + lane) / QUADS;
    let quad = (p * LANES + lane) % QUADS;
    at[p] = k * params.out_channels + min(channel + quad, params.out_channels - 1u);
  }
  var sum: array<vec4f, CHANNELS>; // of four images each

  for (var a = 0u; a < params.kernel; a++) {
    for (var b = 0u; b < params.kernel; b++) {
      let row = i32(out_row * params.stride + a) - i32(params.pad);
      let column = i32(out_column * params.stride + b) - i32(params.pad);
      let valid = row >= 0 && row < i32(params.height) && column >= 0 && column < i32(params.width);
      let inside = select(0.0, 1.0, valid);
      let x_at = x_image + select(0u, (u32(row) * params.width + u32(column)) * params.pitch, valid);
      let tap = (a * params.kernel + b) * params.channels * params.out_channels;
      for (var i = 0u; i < params.channels; i += 4u) {
        var left: array<vec4f, PARTS>;
        for (var p = 0u; p < PARTS; p++) { left[p] = weight[tap + i * params.out_channels + at[p]]; }
        let from_x = x_at + i / 4u;
        let right = inside * transpose(mat4x4f(vec4f(x[from_x.x]), vec4f(x[from_x.y]), vec4f(x[from_x.z]), vec4f(x[from_x.w])));
        for (var j = 0u; j < CHANNELS; j++) {
          var w: array<f32, 4>;
          for (var q = 0u; q < DEPTH; q++) {
            w[q] = subgroupShuffle(left[(q * QUADS + j / 4u) / LANES][j % 4u], (q * QUADS + j / 4u) % LANES);
          }
          sum[j] += mat3x4f(right[0], right[1], right[2]) * vec3f(w[0], w[1], w[2]);
          if (DEPTH == 4u) { sum[j] += right[3] * w[3]; }
        }
      }
    }
  }

  if (group.x * LANES + lane < places) {
    let pixel = (image * params.out_height + out_row) * params.out_width + out_column;
    for (var j = 0u; j < QUADS; j++) {
      if (channel + j < params.out_channels) {
        let values = transpose(mat4x4f(sum[4u * j], sum[4u * j + 1u], sum[4u * j + 2u], sum[4u * j + 3u]));
        for (var q = 0u; q < params.four; q++) {
          if (4u * first + q < params.batch) {
            let to = pixel[q] * params.out_channels + channel + j;
            y[to] = vec4<Stored>(finish(values[q], to, channel + j));
          }
        }
      }
    }
  }
}

// dx, in phases as in tile.wgsl. Its rows are the input's channels, its k the output's, along which the weights lie:
// a lane loads four k of its own rows. Phases have unlike many taps, so they take turns along the grid's x: a software
// adapter gives each of its threads one stretch of the workgroups.
@group(0) @binding(1) var<storage, read> dy: array<vec4<Stored>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<Stored>>;

@compute @workgroup_size(LANES)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let phase_row = group.x / params.stride;
  let phase_column = group.x % params.stride;
  let phase_height = (params.height + params.stride - 1u - phase_row) / params.stride;
  let phase_width = (params.width + params.stride - 1u - phase_column) / params.stride;
  let places = (params.batch + 3u) / 4u * phase_height * phase_width;
  if (group.y * LANES >= places) { return; }
  let place = min(group.y * LANES + lane, places - 1u);
  let line = place / phase_width;
  let x_column = (place - line * phase_width) * params.stride + phase_column;
  let first = line / phase_height; // of the images, in fours
  let x_row = (line - first * phase_height) * params.stride + phase_row;
  let image = min(4u * first + vec4u(0u, 1u, 2u, 3u), vec4u(params.batch - 1u));
  let dy_image = image * params.out_height * params.out_width * params.out_channels;
  let channel = group.z * CHANNELS;

  var at: array<u32, PARTS>;
  for (var p = 0u; p < PARTS; p++) {
    at[p] = min(channel + p * LANES + lane, params.channels - 1u) * params.out_channels;
  }
  var sum: array<vec4f, CHANNELS>; // of four images each

  for (var a = (phase_row + params.pad) % params.stride; a < params.kernel; a += params.stride) {
    for (var b = (phase_column + params.pad) % params.stride; b < params.kernel; b += params.stride) {
      let row = (i32(x_row + params.pad) - i32(a)) / i32(params.stride);
      let column = (i32(x_column + params.pad) - i32(b)) / i32(params.stride);
      let below = x_row + params.pad >= a && x_column + params.pad >= b;
      let valid = below && row < i32(params.out_height) && column < i32(params.out_width);
      let inside = select(0.0, 1.0, valid);
      let dy_at = dy_image + select(0u, (u32(row) * params.out_width + u32(column)) * params.out_channels, valid);
      let tap = (a * params.kernel + b) * params.channels * params.out_channels;
      for (var o = 0u; o < params.out_channels; o++) {
        var left: array<vec4f, PARTS>;
        for (var p = 0u; p < PARTS; p++) { left[p] = weight[tap + at[p] + o]; }
        let from_dy = dy_at + o;
        let right = inside * transpose(mat4x4f(vec4f(dy[from_dy.x]), vec4f(dy[from_dy.y]), vec4f(dy[from_dy.z]), vec4f(dy[from_dy.w])));
        for (var i = 0u; i < CHANNELS; i++) { sum[i] += right * subgroupShuffle(left[i / LANES], i % LANES); }
      }
    }
  }

  if (group.y * LANES + lane < places) {
    let pixel = (image * params.height + x_row) * params.width + x_column;
    for (var i = 0u; i < QUADS; i++) {
      if (channel + 4u * i < params.channels) {
        let values = transpose(mat4x4f(sum[4u * i], sum[4u * i + 1u], sum[4u * i + 2u], sum[4u * i + 3u]));
        for (var q = 0u; q < params.four; q++) {
          if (4u * first + q < params.batch) {
            let to = (pixel[q] * params.channels + channel) / 4u + i;
            var value = values[q];
            if (ACCUMULATE) { value += vec4f(dx[to]); }
            dx[to] = vec4<Stored>(value);
          }
        }
      }
    }
  }
}
