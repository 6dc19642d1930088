// use lib/matrix_tile.wgsl
// The weight gradient of weight_gradient_tile.wgsl on matrix units, where x and dy are f16 and channels whole vec4: a
// product of (taps · input channels) × output pixels with output pixels × output channels. Slices of the pixels lie along
// the grid's z; each writes a partial gradient, and reduce.wgsl adds them in order.

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

@compute @workgroup_size(THREADS)
fn weight_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(subgroup_id) subgroup: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let taps = params.kernel * params.kernel;
  let first_input = group.x * QUADS_M; // of all taps' input channels, in vec4
  let first_output = group.y * QUADS_N; // in vec4
  let first_pixel = group.z * params.slice * DEPTH;
  let last_pixel = min(first_pixel + params.slice * DEPTH, params.batch * params.out_height * params.out_width);
  let panels = (last_pixel - first_pixel + DEPTH - 1u) / DEPTH;

  var left_next: array<vec4h, LEFT_QUADS>;
  var right_next: array<vec4h, RIGHT_QUADS>;
  var sum: array<Result, ROWS * COLUMNS>;

  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) {
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = thread + i * THREADS;
        stage_left(place / QUADS_M * PITCH_M + 4u * (place % QUADS_M), left_next[i]);
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = thread + i * THREADS;
        stage_right(place / QUADS_N * PITCH_N + 4u * (place % QUADS_N), right_next[i]);
      }
    }
    workgroupBarrier();
    if (panel < panels) {
      // Both operands lie along their channels: the left panel holds x transposed.
      for (var i = 0u; i < LEFT_QUADS; i++) {
        let place = thread + i * THREADS;
        let pixel = first_pixel + panel * DEPTH + place / QUADS_M;
        let input = first_input + place % QUADS_M;
        let tap = input / params.pitch;
        let line = pixel / params.out_width;
        let h = i32(line % params.out_height * params.stride + tap / params.kernel) - i32(params.pad);
        let w = i32(pixel % params.out_width * params.stride + tap % params.kernel) - i32(params.pad);
        let inside = h >= 0 && h < i32(params.height) && w >= 0 && w < i32(params.width);
        let valid = pixel < last_pixel && tap < taps && inside;
        let at = ((line / params.out_height * params.height + u32(h)) * params.width + u32(w)) * params.pitch + input % params.pitch;
        left_next[i] = select(vec4h(), x[select(0u, at, valid)], valid);
      }
      for (var i = 0u; i < RIGHT_QUADS; i++) {
        let place = thread + i * THREADS;
        let pixel = first_pixel + panel * DEPTH + place / QUADS_N;
        let output = first_output + place % QUADS_N;
        let valid = pixel < last_pixel && output < params.out_channels;
        right_next[i] = select(vec4h(), dy[select(0u, pixel * params.out_channels + output, valid)], valid);
      }
    }
    if (panel > 0u) {
      for (var k = 0u; k < DEPTH / MATRIX_K; k++) {
        var left: array<Left, ROWS>;
        for (var i = 0u; i < ROWS; i++) {
          left[i] = subgroupMatrixLoad<Left, col_major>(&left_panel, k * MATRIX_K * PITCH_M + matrix_row(subgroup, i), PITCH_M);
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
        let row = 4u * first_input + matrix_row(subgroup, i) + 4u * quad / MATRIX_N;
        let tap = row / (4u * params.pitch);
        let input = row % (4u * params.pitch);
        let output = first_output + (matrix_column(subgroup, j) + 4u * quad % MATRIX_N) / 4u;
        if (tap < taps && input < params.channels && output < params.out_channels) {
          let to = ((group.z * taps + tap) * params.channels + input) * params.out_channels + output;
          partial[to] = result_quad(subgroup, quad);
        }
      }
      workgroupBarrier();
    }
  }
}
