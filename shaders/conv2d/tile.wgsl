// use lib/epilogue.wgsl
// Two-dimensional convolution as an implicit matrix product over N×H×W×C activations and weights
// [KH][KW][Cin][Cout]:   y[n, oh, ow, o] = Σ_{a, b, i} x[n, oh·stride + a − pad, ow·stride + b − pad, i] · w[a, b, i, o]
//
// As in matmul/tile.wgsl a lane owns rows (here pixels) and the workgroup shares columns (here channels), whose weights
// then have one address for all lanes. Padding is a factor 0 on a pixel's load, decided once for each tap.

alias Stored = f32; // of x, y and their gradients; weights and sums are f32
const LANES = 8u;
const PIXELS = 8u; // of a lane
const CHANNELS = 8u; // of a workgroup
const ACCUMULATE = false; // dx += instead of dx =

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x
  pitch: u32, // elements from one pixel of x to the next: its channels, or more where it is padded
  out_height: u32, out_width: u32, out_channels: u32, // of y
  kernel: u32, stride: u32, pad: u32,
  has_bias: u32, has_residual: u32, relu: u32, // 1: what follows the sum, see epilogue.wgsl
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pixels = params.batch * params.out_height * params.out_width;
  let pixel = (group.x * LANES + lane) * PIXELS;
  let channel = group.y * CHANNELS;

  var row: array<i32, PIXELS>; // the first tap's place in x
  var column: array<i32, PIXELS>;
  var image: array<u32, PIXELS>;
  for (var p = 0u; p < PIXELS; p++) {
    let at = min(pixel + p, pixels - 1u);
    let line = at / params.out_width;
    row[p] = i32(line % params.out_height * params.stride) - i32(params.pad);
    column[p] = i32(at % params.out_width * params.stride) - i32(params.pad);
    image[p] = line / params.out_height * params.height;
  }
  var offset: array<u32, CHANNELS>;
  for (var j = 0u; j < CHANNELS; j++) { offset[j] = min(channel + j, params.out_channels - 1u); }
  var sum: array<f32, PIXELS * CHANNELS>;

  for (var a = 0u; a < params.kernel; a++) {
    for (var b = 0u; b < params.kernel; b++) {
      var at: array<u32, PIXELS>;
      var inside: array<f32, PIXELS>;
      for (var p = 0u; p < PIXELS; p++) {
        let r = row[p] + i32(a);
        let c = column[p] + i32(b);
        let valid = r >= 0 && r < i32(params.height) && c >= 0 && c < i32(params.width);
        at[p] = select(0u, ((image[p] + u32(r)) * params.width + u32(c)) * params.pitch, valid);
        inside[p] = select(0.0, 1.0, valid);
      }
      for (var i = 0u; i < params.channels; i++) {
        var left: array<f32, PIXELS>;
        for (var p = 0u; p < PIXELS; p++) { left[p] = f32(x[at[p] + i]) * inside[p]; }
        for (var j = 0u; j < CHANNELS; j++) {
          let right = weight[offset[j]];
          offset[j] += params.out_channels;
          for (var p = 0u; p < PIXELS; p++) { sum[p * CHANNELS + j] += left[p] * right; }
        }
      }
    }
  }

  for (var p = 0u; p < PIXELS; p++) {
    if (pixel + p < pixels) {
      for (var j = 0u; j < CHANNELS; j++) {
        if (channel + j < params.out_channels) {
          let to = (pixel + p) * params.out_channels + channel + j;
          y[to] = Stored(finish(sum[p * CHANNELS + j], to, channel + j));
        }
      }
    }
  }
}

// dx[n, h, w, i] = Σ_{a, b, o} dy[n, (h + pad − a) / stride, (w + pad − b) / stride, o] · w[a, b, i, o] over the taps
// where both divisions are exact. The input's pixels fall into stride² phases in which those taps are the same for
// every pixel; a workgroup computes pixels of one phase, so no tap is tried in vain.
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(3) var<storage, read_write> dx: array<Stored>;

@compute @workgroup_size(LANES)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let phase_row = group.z / params.stride;
  let phase_column = group.z % params.stride;
  let phase_height = (params.height + params.stride - 1u - phase_row) / params.stride;
  let phase_width = (params.width + params.stride - 1u - phase_column) / params.stride;
  let pixels = params.batch * phase_height * phase_width;
  let pixel = (group.x * LANES + lane) * PIXELS;
  let channel = group.y * CHANNELS;
  if (group.x * LANES * PIXELS >= pixels) { return; }

  var row: array<i32, PIXELS>; // h + pad
  var column: array<i32, PIXELS>;
  var image: array<u32, PIXELS>;
  for (var p = 0u; p < PIXELS; p++) {
    let at = min(pixel + p, pixels - 1u);
    let line = at / phase_width;
    row[p] = i32(line % phase_height * params.stride + phase_row + params.pad);
    column[p] = i32(at % phase_width * params.stride + phase_column + params.pad);
    image[p] = line / phase_height;
  }
  var sum: array<f32, PIXELS * CHANNELS>;

  for (var a = (phase_row + params.pad) % params.stride; a < params.kernel; a += params.stride) {
    for (var b = (phase_column + params.pad) % params.stride; b < params.kernel; b += params.stride) {
      var at: array<u32, PIXELS>;
      var inside: array<f32, PIXELS>;
      for (var p = 0u; p < PIXELS; p++) {
        let r = (row[p] - i32(a)) / i32(params.stride);
        let c = (column[p] - i32(b)) / i32(params.stride);
        let valid = row[p] >= i32(a) && r < i32(params.out_height) && column[p] >= i32(b) && c < i32(params.out_width);
        let line = image[p] * params.out_height + u32(r);
        at[p] = select(0u, (line * params.out_width + u32(c)) * params.out_channels, valid);
        inside[p] = select(0.0, 1.0, valid);
      }
      var offset: array<u32, CHANNELS>;
      for (var j = 0u; j < CHANNELS; j++) {
        offset[j] = ((a * params.kernel + b) * params.channels + min(channel + j, params.channels - 1u)) * params.out_channels;
      }
      for (var o = 0u; o < params.out_channels; o++) {
        var left: array<f32, PIXELS>;
        for (var p = 0u; p < PIXELS; p++) { left[p] = f32(dy[at[p] + o]) * inside[p]; }
        for (var j = 0u; j < CHANNELS; j++) {
          let right = weight[offset[j] + o];
          for (var p = 0u; p < PIXELS; p++) { sum[p * CHANNELS + j] += left[p] * right; }
        }
      }
    }
  }

  for (var p = 0u; p < PIXELS; p++) {
    if (pixel + p < pixels) {
      let line = image[p] * params.height + u32(row[p]) - params.pad;
      let to = (line * params.width + u32(column[p]) - params.pad) * params.channels + channel;
      for (var j = 0u; j < CHANNELS; j++) {
        if (channel + j < params.channels) {
          var value = sum[p * CHANNELS + j];
          if (ACCUMULATE) { value += f32(dx[to + j]); }
          dx[to + j] = Stored(value);
        }
      }
    }
  }
}
