// use lib/matrix_tile.wgsl
// The convolution of tile.wgsl and its input's gradient on matrix units, where activations are f16 and channels whole
// vec4: an implicit product of pixels × (taps · channels) with the weights, which are rounded to f16 as they are staged.
// The next panel's numbers are on their way to registers while the present one is multiplied.

const ACCUMULATE = false; // of the input gradient: dx += instead of dx =

struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x
  pitch: u32, // vec4 from one pixel of x to the next
  out_height: u32, out_width: u32, out_channels: u32, // of y; the channels in vec4
  kernel: u32, stride: u32, pad: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4h>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4h>;

@compute @workgroup_size(THREADS)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let pixels = params.batch * params.out_height * params.out_width;
  let first_pixel = group.x * TILE_M;
  let first_channel = group.y * QUADS_N; // in vec4
  let total = params.kernel * params.kernel * params.pitch; // k, in vec4
  let panels = (total + QUADS_K - 1u) / QUADS_K;

  var row: array<i32, LEFT_QUADS>; // the first tap's place in x
  var column: array<i32, LEFT_QUADS>;
  var image: array<u32, LEFT_QUADS>;
  for (var i = 0u; i < LEFT_QUADS; i++) {
    let pixel = min(first_pixel + (thread + i * THREADS) / QUADS_K, pixels - 1u);
    let line = pixel / params.out_width;
    row[i] = i32(line % params.out_height * params.stride) - i32(params.pad);
    column[i] = i32(pixel % params.out_width * params.stride) - i32(params.pad);
    image[i] = line / params.out_height * params.height;
  }
  var left_next: array<vec4h, LEFT_QUADS>;
  var right_next: array<vec4f, RIGHT_QUADS>;
  var sum: array<Result, ROWS * COLUMNS>;

  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = thread + i * THREADS;
        stage_left(place / QUADS_K * PITCH_K + 4u * (place % QUADS_K), left_next[i]);
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = thread + i * THREADS;
        stage_right(place / QUADS_N * PITCH_N + 4u * (place % QUADS_N), vec4h(right_next[i]));
      }
    }
    workgroupBarrier();
    if (panel < panels) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let quad = panel * QUADS_K + (thread + i * THREADS) % QUADS_K;
        let tap = quad / params.pitch;
        let h = row[i] + i32(tap / params.kernel);
        let w = column[i] + i32(tap % params.kernel);
        let valid = quad < total && h >= 0 && h < i32(params.height) && w >= 0 && w < i32(params.width);
        let at = ((image[i] + u32(h)) * params.width + u32(w)) * params.pitch + quad % params.pitch;
        left_next[i] = select(vec4h(), x[select(0u, at, valid)], valid);
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = thread + i * THREADS;
        let k = panel * DEPTH + place / QUADS_N;
        let tap = k / (4u * params.pitch);
        let input = k % (4u * params.pitch);
        let channel = first_channel + place % QUADS_N;
        let valid = k < 4u * total && input < params.channels && channel < params.out_channels;
        let at = (tap * params.channels + input) * params.out_channels + channel;
        right_next[i] = select(vec4f(), weight[select(0u, at, valid)], valid);
      }
    }
    if (panel > 0u) {
      for (var k = 0u; k < DEPTH / MATRIX_K; k++) {
        var left: array<Left, ROWS>;
        for (var i = 0u; i < ROWS; i++) {
          left[i] = subgroupMatrixLoad<Left, row_major>(&left_panel, matrix_row(subgroup, i) * PITCH_K + k * MATRIX_K, PITCH_K);
        }
        for (var j = 0u; j < COLUMNS; j++) {
          let right = subgroupMatrixLoad<Right, row_major>(&right_panel, k * MATRIX_K * PITCH_N + matrix_column(subgroup, j), PITCH_N);
          for (var i = 0u; i < ROWS; i++) {
            sum[i * COLUMNS + j] = subgroupMatrixMultiplyAccumulate(left[i], right, sum[i * COLUMNS + j]);
          }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < COLUMNS; j++) {
      subgroupMatrixStore<row_major>(&results, subgroup * RESULT_SIZE, sum[i * COLUMNS + j], MATRIX_N);
      workgroupBarrier();
      for (var quad = lane; quad < RESULT_SIZE / 4u; quad += SUBGROUP) {
        let pixel = first_pixel + matrix_row(subgroup, i) + 4u * quad / MATRIX_N;
        let channel = first_channel + (matrix_column(subgroup, j) + 4u * quad % MATRIX_N) / 4u;
        if (pixel < pixels && channel < params.out_channels) {
          y[pixel * params.out_channels + channel] = vec4h(result_quad(subgroup, quad));
        }
      }
      workgroupBarrier();
    }
  }
}

// As in tile.wgsl a workgroup computes pixels of one of stride² phases, which share their taps.
@group(0) @binding(1) var<storage, read> dy: array<vec4h>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4h>;

@compute @workgroup_size(THREADS)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let phase = vec2u(group.z / params.stride, group.z % params.stride);
  let size = (vec2u(params.height, params.width) + params.stride - 1u - phase) / params.stride; // of the phase
  let pixels = params.batch * size.x * size.y;
  let first_pixel = group.x * TILE_M;
  if (first_pixel >= pixels) { return; }
  let first_channel = group.y * TILE_N;
  let first_tap = (phase + params.pad) % params.stride;
  let taps = (max(vec2u(params.kernel), first_tap) - first_tap + params.stride - 1u) / params.stride;
  let total = taps.x * taps.y * params.out_channels; // k, in vec4
  let panels = (total + QUADS_K - 1u) / QUADS_K;

  var row: array<u32, LEFT_QUADS>; // h + pad
  var column: array<u32, LEFT_QUADS>;
  var image: array<u32, LEFT_QUADS>;
  for (var i = 0u; i < LEFT_QUADS; i++) {
    let pixel = min(first_pixel + (thread + i * THREADS) / QUADS_K, pixels - 1u);
    let line = pixel / size.y;
    row[i] = line % size.x * params.stride + phase.x + params.pad;
    column[i] = pixel % size.y * params.stride + phase.y + params.pad;
    image[i] = line / size.x * params.out_height;
  }
  var left_next: array<vec4h, LEFT_QUADS>;
  var right_next: array<vec4f, RIGHT_QUADS>;
  var sum: array<Result, ROWS * COLUMNS>;

  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = thread + i * THREADS;
        stage_left(place / QUADS_K * PITCH_K + 4u * (place % QUADS_K), left_next[i]);
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = thread + i * THREADS;
        stage_right(place / QUADS_K * PITCH_K + 4u * (place % QUADS_K), vec4h(right_next[i]));
      }
    }
    workgroupBarrier();
    if (panel < panels) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let quad = panel * QUADS_K + (thread + i * THREADS) % QUADS_K;
        let tap = first_tap + params.stride * vec2u(quad / params.out_channels / taps.y, quad / params.out_channels % taps.y);
        let h = (row[i] - tap.x) / params.stride;
        let w = (column[i] - tap.y) / params.stride;
        let valid = quad < total && row[i] >= tap.x && h < params.out_height && column[i] >= tap.y && w < params.out_width;
        let at = ((image[i] + h) * params.out_width + w) * params.out_channels + quad % params.out_channels;
        left_next[i] = select(vec4h(), dy[select(0u, at, valid)], valid);
      }
      // Weights lie along k: the panel holds them transposed.
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = thread + i * THREADS;
        let quad = panel * QUADS_K + place % QUADS_K;
        let tap = first_tap + params.stride * vec2u(quad / params.out_channels / taps.y, quad / params.out_channels % taps.y);
        let channel = first_channel + place / QUADS_K;
        let valid = quad < total && channel < params.channels;
        let at = ((tap.x * params.kernel + tap.y) * params.channels + channel) * params.out_channels + quad % params.out_channels;
        right_next[i] = select(vec4f(), weight[select(0u, at, valid)], valid);
      }
    }
    if (panel > 0u) {
      for (var k = 0u; k < DEPTH / MATRIX_K; k++) {
        var left: array<Left, ROWS>;
        for (var i = 0u; i < ROWS; i++) {
          left[i] = subgroupMatrixLoad<Left, row_major>(&left_panel, matrix_row(subgroup, i) * PITCH_K + k * MATRIX_K, PITCH_K);
        }
        for (var j = 0u; j < COLUMNS; j++) {
          let right = subgroupMatrixLoad<Right, col_major>(&right_panel, matrix_column(subgroup, j) * PITCH_K + k * MATRIX_K, PITCH_K);
          for (var i = 0u; i < ROWS; i++) {
            sum[i * COLUMNS + j] = subgroupMatrixMultiplyAccumulate(left[i], right, sum[i * COLUMNS + j]);
          }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < COLUMNS; j++) {
      subgroupMatrixStore<row_major>(&results, subgroup * RESULT_SIZE, sum[i * COLUMNS + j], MATRIX_N);
      workgroupBarrier();
      for (var quad = lane; quad < RESULT_SIZE / 4u; quad += SUBGROUP) {
        let pixel = first_pixel + matrix_row(subgroup, i) + 4u * quad / MATRIX_N;
        let channel = first_channel + matrix_column(subgroup, j) + 4u * quad % MATRIX_N;
        if (pixel < pixels && channel < params.channels) {
          let line = pixel / size.y;
          let h = line % size.x * params.stride + phase.x;
          let w = pixel % size.y * params.stride + phase.y;
          let to = (((line / size.x * params.height + h) * params.width + w) * params.channels + channel) / 4u;
          var value = result_quad(subgroup, quad);
          if (ACCUMULATE) { value += vec4f(dx[to]); }
          dx[to] = vec4h(value);
        }
      }
      workgroupBarrier();
    }
  }
}
