// use lib/staged_tile.wgsl
// The convolution of tile.wgsl and its input's gradient for graphics cards: an implicit product of pixels ×
// (taps · channels) with the weights, whose panels lie in workgroup memory. A lane stages the same four pixels of every
// panel; the next panel's numbers are on their way to registers while the present one is multiplied.

alias Stored = f32; // of x, y and their gradients; weights and sums are f32
const ACCUMULATE = false; // of the input gradient: dx += instead of dx =

const PIXELS = 4u * LEFT_QUADS; // that a lane stages

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x
  pitch: u32, // elements from one pixel of x to the next: its channels, or more where it is padded
  out_height: u32, out_width: u32, out_channels: u32, // of y
  kernel: u32, stride: u32, pad: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

fn load_weight(at: u32, valid: bool) -> f32 {
  return select(0.0, weight[select(0u, at, valid)], valid);
}

@compute @workgroup_size(LANES)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pixels = params.batch * params.out_height * params.out_width;
  let first_pixel = group.x * TILE_M;
  let first_channel = group.y * TILE_N;
  let lane_row = lane / LANE_COLUMNS;
  let lane_column = lane % LANE_COLUMNS;
  let total = params.kernel * params.kernel * params.channels; // k
  let panels = (total + DEPTH - 1u) / DEPTH;

  var row: array<i32, PIXELS>; // the first tap's place in x
  var column: array<i32, PIXELS>;
  var image: array<u32, PIXELS>;
  for (var p = 0u; p < PIXELS; p++) {
    let pixel = min(first_pixel + 4u * staged_quad(lane + p / 4u * LANES, QUADS_M, true) + p % 4u, pixels - 1u);
    let line = pixel / params.out_width;
    row[p] = i32(line % params.out_height * params.stride) - i32(params.pad);
    column[p] = i32(pixel % params.out_width * params.stride) - i32(params.pad);
    image[p] = line / params.out_height * params.height;
  }
  var left_next: array<vec4f, LEFT_QUADS>;
  var right_next: array<vec4f, RIGHT_QUADS>;
  var sum: array<vec4f, ROWS * COLUMN_QUADS>;

  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = lane + i * LANES;
        left_panel[staged_k(place, QUADS_M, true) * PITCH_M + staged_quad(place, QUADS_M, true)] = left_next[i];
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = lane + i * LANES;
        right_panel[staged_k(place, QUADS_N, false) * PITCH_N + staged_quad(place, QUADS_N, false)] = right_next[i];
      }
    }
    workgroupBarrier();
    if (panel < panels) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let k = panel * DEPTH + staged_k(lane + i * LANES, QUADS_M, true);
        let tap = k / params.channels;
        for (var e = 0u; e < 4u; e++) {
          let h = row[4u * i + e] + i32(tap / params.kernel);
          let w = column[4u * i + e] + i32(tap % params.kernel);
          let valid = k < total && h >= 0 && h < i32(params.height) && w >= 0 && w < i32(params.width);
          let at = ((image[4u * i + e] + u32(h)) * params.width + u32(w)) * params.pitch + k % params.channels;
          left_next[i][e] = select(0.0, f32(x[select(0u, at, valid)]), valid);
        }
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = lane + i * LANES;
        let k = panel * DEPTH + staged_k(place, QUADS_N, false);
        for (var e = 0u; e < 4u; e++) {
          let channel = first_channel + 4u * staged_quad(place, QUADS_N, false) + e;
          right_next[i][e] = load_weight(k * params.out_channels + channel, k < total && channel < params.out_channels);
        }
      }
    }
    if (panel > 0u) {
      for (var k = 0u; k < DEPTH; k++) {
        var left: array<vec4f, ROW_QUADS>;
        for (var i = 0u; i < ROW_QUADS; i++) { left[i] = left_panel[k * PITCH_M + lane_row + i * LANE_ROWS]; }
        for (var j = 0u; j < COLUMN_QUADS; j++) {
          let right = right_panel[k * PITCH_N + lane_column + j * LANE_COLUMNS];
          for (var i = 0u; i < ROWS; i++) { sum[i * COLUMN_QUADS + j] += left[i / 4u][i % 4u] * right; }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < ROWS; i++) {
    let pixel = first_pixel + 4u * (lane_row + i / 4u * LANE_ROWS) + i % 4u;
    for (var j = 0u; j < COLUMN_QUADS; j++) {
      for (var e = 0u; e < 4u; e++) {
        let channel = first_channel + 4u * (lane_column + j * LANE_COLUMNS) + e;
        if (pixel < pixels && channel < params.out_channels) {
          y[pixel * params.out_channels + channel] = Stored(sum[i * COLUMN_QUADS + j][e]);
        }
      }
    }
  }
}

// As in tile.wgsl a workgroup computes pixels of one of stride² phases, which share their taps.
@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(3) var<storage, read_write> dx: array<Stored>;

@compute @workgroup_size(LANES)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let phase = vec2u(group.z / params.stride, group.z % params.stride);
  let size = (vec2u(params.height, params.width) + params.stride - 1u - phase) / params.stride; // of the phase
  let pixels = params.batch * size.x * size.y;
  let first_pixel = group.x * TILE_M;
  if (first_pixel >= pixels) { return; }
  let first_channel = group.y * TILE_N;
  let lane_row = lane / LANE_COLUMNS;
  let lane_column = lane % LANE_COLUMNS;
  let first_tap = (phase + params.pad) % params.stride;
  let taps = (max(vec2u(params.kernel), first_tap) - first_tap + params.stride - 1u) / params.stride;
  let total = taps.x * taps.y * params.out_channels; // k
  let panels = (total + DEPTH - 1u) / DEPTH;

  var row: array<u32, PIXELS>; // h + pad
  var column: array<u32, PIXELS>;
  var image: array<u32, PIXELS>;
  for (var p = 0u; p < PIXELS; p++) {
    let pixel = min(first_pixel + 4u * staged_quad(lane + p / 4u * LANES, QUADS_M, true) + p % 4u, pixels - 1u);
    let line = pixel / size.y;
    row[p] = line % size.x * params.stride + phase.x + params.pad;
    column[p] = pixel % size.y * params.stride + phase.y + params.pad;
    image[p] = line / size.x * params.out_height;
  }
  var left_next: array<vec4f, LEFT_QUADS>;
  var right_next: array<vec4f, RIGHT_QUADS>;
  var sum: array<vec4f, ROWS * COLUMN_QUADS>;

  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = lane + i * LANES;
        left_panel[staged_k(place, QUADS_M, true) * PITCH_M + staged_quad(place, QUADS_M, true)] = left_next[i];
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = lane + i * LANES;
        right_panel[staged_k(place, QUADS_N, true) * PITCH_N + staged_quad(place, QUADS_N, true)] = right_next[i];
      }
    }
    workgroupBarrier();
    if (panel < panels) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let k = panel * DEPTH + staged_k(lane + i * LANES, QUADS_M, true);
        let index = k / params.out_channels;
        let tap = first_tap + params.stride * vec2u(index / taps.y, index % taps.y);
        for (var e = 0u; e < 4u; e++) {
          let h = (row[4u * i + e] - tap.x) / params.stride;
          let w = (column[4u * i + e] - tap.y) / params.stride;
          let valid = k < total && row[4u * i + e] >= tap.x && h < params.out_height && column[4u * i + e] >= tap.y && w < params.out_width;
          let at = ((image[4u * i + e] + h) * params.out_width + w) * params.out_channels + k % params.out_channels;
          left_next[i][e] = select(0.0, f32(dy[select(0u, at, valid)]), valid);
        }
      }
      // Weights lie along k.
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = lane + i * LANES;
        let k = panel * DEPTH + staged_k(place, QUADS_N, true);
        let index = k / params.out_channels;
        let tap = first_tap + params.stride * vec2u(index / taps.y, index % taps.y);
        for (var e = 0u; e < 4u; e++) {
          let channel = first_channel + 4u * staged_quad(place, QUADS_N, true) + e;
          let at = ((tap.x * params.kernel + tap.y) * params.channels + channel) * params.out_channels + k % params.out_channels;
          right_next[i][e] = load_weight(at, k < total && channel < params.channels);
        }
      }
    }
    if (panel > 0u) {
      for (var k = 0u; k < DEPTH; k++) {
        var left: array<vec4f, ROW_QUADS>;
        for (var i = 0u; i < ROW_QUADS; i++) { left[i] = left_panel[k * PITCH_M + lane_row + i * LANE_ROWS]; }
        for (var j = 0u; j < COLUMN_QUADS; j++) {
          let right = right_panel[k * PITCH_N + lane_column + j * LANE_COLUMNS];
          for (var i = 0u; i < ROWS; i++) { sum[i * COLUMN_QUADS + j] += left[i / 4u][i % 4u] * right; }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < ROWS; i++) {
    let pixel = first_pixel + 4u * (lane_row + i / 4u * LANE_ROWS) + i % 4u;
    let line = pixel / size.y;
    let h = line % size.x * params.stride + phase.x;
    let w = pixel % size.y * params.stride + phase.y;
    let start = ((line / size.x * params.height + h) * params.width + w) * params.channels;
    for (var j = 0u; j < COLUMN_QUADS; j++) {
      for (var e = 0u; e < 4u; e++) {
        let channel = first_channel + 4u * (lane_column + j * LANE_COLUMNS) + e;
        if (pixel < pixels && channel < params.channels) {
          var value = sum[i * COLUMN_QUADS + j][e];
          if (ACCUMULATE) { value += f32(dx[start + channel]); }
          dx[start + channel] = Stored(value);
        }
      }
    }
  }
}
