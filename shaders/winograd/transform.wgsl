// use lib/linear.wgsl
// The transforms of Winograd's convolution F(4×4, 3×3) (Lavin & Gray 2015, arXiv 1509.09308, section 4.3):
//   y = Aᵀ·[ (G·w·Gᵀ) ∘ (Bᵀ·d·B) ]·A
// of tiles of 4×4 results y, the 6×6 pixels d that they see, and 3×3 weights w. What stands between Aᵀ and A is summed
// over the input's channels: 36 matrix products of [tiles][Cin] with [Cin][Cout], one for each of the 36 places of a
// transformed tile, in place of 16·9 multiply-adds. The transforms are those of the points 0, ±1, ±2 and ∞.

const WIDTH = 64u; // lanes of a workgroup
// Channels go by fours; their numbers are in vec4f.
const TILE = 4u;
const SIDE = 6u;

struct Params {
  first: u32, images: u32, // whose tiles these are, of a batch
  height: u32, width: u32, channels: u32, // of x
  out_height: u32, out_width: u32, out_channels: u32, pad: u32,
  rows: u32, columns: u32, // of tiles in an image
  has_bias: u32, has_residual: u32, relu: u32, accumulate: u32, // 1: what follows a result
  four: u32, // 4
}
@group(0) @binding(0) var<uniform> params: Params;

fn tiles() -> u32 { return params.images * params.rows * params.columns; }

@group(0) @binding(1) var<storage, read> weight: array<vec4f>; // [3][3][Cin][Cout]
@group(0) @binding(2) var<storage, read_write> new_weight: array<vec4f>; // [36][Cin][Cout]

@compute @workgroup_size(WIDTH)
fn transform_weights(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let size = 4u * params.channels * params.out_channels;
  if (i >= size) { return; }
  var w: array<vec4f, 9>;
  for (var tap = 0u; tap < 9u; tap++) { w[tap] = weight[tap * size + i]; }
  put_weights(w, i, size);
}

@group(0) @binding(1) var<storage, read> turned: array<f32>; // [3][3][Cout][Cin]

// The weights of the gradient by the input: turned round, with the input's and output's channels exchanged.
@compute @workgroup_size(WIDTH)
fn transform_turned_weights(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let size = 4u * params.channels * params.out_channels;
  if (i >= size) { return; }
  let input = i / params.out_channels;
  let lines = vec4u(0u, 1u, 2u, 3u) + i % params.out_channels * 4u;
  let step = 4u * params.channels;
  var w: array<vec4f, 9>;
  for (var tap = 0u; tap < 9u; tap++) {
    let from_weights = (8u - tap) * 4u * size + lines * step + input;
    w[tap] = vec4f(turned[from_weights.x], turned[from_weights.y], turned[from_weights.z], turned[from_weights.w]);
  }
  put_weights(w, i, size);
}

// G·w·Gᵀ
fn put_weights(w: array<vec4f, 9>, i: u32, size: u32) {
  var half: array<vec4f, 18>; // G·w: [6][3]
  for (var b = 0u; b < 3u; b++) {
    let first = w[b];
    let second = w[3u + b];
    let third = w[6u + b];
    let outer = first / 24.0 + third / 6.0;
    half[b] = first / 4.0;
    half[3u + b] = (first + third + second) / -6.0;
    half[6u + b] = (first + third - second) / -6.0;
    half[9u + b] = outer + second / 12.0;
    half[12u + b] = outer - second / 12.0;
    half[15u + b] = third;
  }
  for (var a = 0u; a < SIDE; a++) {
    let first = half[3u * a];
    let second = half[3u * a + 1u];
    let third = half[3u * a + 2u];
    let outer = first / 24.0 + third / 6.0;
    let to = SIDE * a * size + i;
    new_weight[to] = first / 4.0;
    new_weight[to + size] = (first + third + second) / -6.0;
    new_weight[to + 2u * size] = (first + third - second) / -6.0;
    new_weight[to + 3u * size] = outer + second / 12.0;
    new_weight[to + 4u * size] = outer - second / 12.0;
    new_weight[to + 5u * size] = third;
  }
}

@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> new_tile: array<vec4f>; // [36][tiles][Cin]

// Bᵀ·d·B
@compute @workgroup_size(WIDTH)
fn transform_input(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let size = tiles() * params.channels;
  if (i >= size) { return; }
  let channel = i % params.channels;
  let tile = i / params.channels;
  let line = tile / params.columns;
  let row = i32(line % params.rows * TILE) - i32(params.pad);
  let column = i32(tile % params.columns * TILE) - i32(params.pad);
  let image = (params.first + line / params.rows) * params.height;
  var half: array<vec4f, 36>; // d·B
  for (var a = 0u; a < SIDE; a++) {
    let h = row + i32(a);
    let valid = h >= 0 && h < i32(params.height);
    let start = (image + u32(clamp(h, 0, i32(params.height) - 1))) * params.width;
    var d: array<vec4f, 6>;
    for (var b = 0u; b < SIDE; b++) {
      let w = column + i32(b);
      let pixel = start + u32(clamp(w, 0, i32(params.width) - 1));
      d[b] = select(vec4f(), x[pixel * params.channels + channel], valid && w >= 0 && w < i32(params.width));
    }
    half[SIDE * a] = 4.0 * d[0] - 5.0 * d[2] + d[4];
    half[SIDE * a + 1u] = (d[4] - 4.0 * d[2]) + (d[3] - 4.0 * d[1]);
    half[SIDE * a + 2u] = (d[4] - 4.0 * d[2]) - (d[3] - 4.0 * d[1]);
    half[SIDE * a + 3u] = (d[4] - d[2]) + 2.0 * (d[3] - d[1]);
    half[SIDE * a + 4u] = (d[4] - d[2]) - 2.0 * (d[3] - d[1]);
    half[SIDE * a + 5u] = 4.0 * d[1] - 5.0 * d[3] + d[5];
  }
  for (var b = 0u; b < SIDE; b++) {
    let d0 = half[b];
    let d1 = half[SIDE + b];
    let d2 = half[2u * SIDE + b];
    let d3 = half[3u * SIDE + b];
    let d4 = half[4u * SIDE + b];
    let d5 = half[5u * SIDE + b];
    let to = b * size + i;
    let step = SIDE * size;
    new_tile[to] = 4.0 * d0 - 5.0 * d2 + d4;
    new_tile[to + step] = (d4 - 4.0 * d2) + (d3 - 4.0 * d1);
    new_tile[to + 2u * step] = (d4 - 4.0 * d2) - (d3 - 4.0 * d1);
    new_tile[to + 3u * step] = (d4 - d2) + 2.0 * (d3 - d1);
    new_tile[to + 4u * step] = (d4 - d2) - 2.0 * (d3 - d1);
    new_tile[to + 5u * step] = 4.0 * d1 - 5.0 * d3 + d5;
  }
}

@group(0) @binding(1) var<storage, read> tile_sum: array<vec4f>; // [36][tiles][Cout]
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> residual: array<vec4f>; // in the places of y

// relu(Aᵀ·m·A + bias + residual), or y + Aᵀ·m·A
@compute @workgroup_size(WIDTH)
fn transform_output(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let size = tiles() * params.out_channels;
  if (i >= size) { return; }
  let channel = i % params.out_channels;
  let tile = i / params.out_channels;
  let line = tile / params.columns;
  let row = line % params.rows * TILE;
  let column = tile % params.columns * TILE;
  let image = (params.first + line / params.rows) * params.out_height;
  var half: array<vec4f, 24>; // m·A: [6][4]
  for (var a = 0u; a < SIDE; a++) {
    let start = SIDE * a * size + i;
    let first = tile_sum[start];
    let ones = tile_sum[start + size];
    let minus_ones = tile_sum[start + 2u * size];
    let twos = tile_sum[start + 3u * size];
    let minus_twos = tile_sum[start + 4u * size];
    let last = tile_sum[start + 5u * size];
    half[TILE * a] = first + (ones + minus_ones) + (twos + minus_twos);
    half[TILE * a + 1u] = (ones - minus_ones) + 2.0 * (twos - minus_twos);
    half[TILE * a + 2u] = (ones + minus_ones) + 4.0 * (twos + minus_twos);
    half[TILE * a + 3u] = (ones - minus_ones) + 8.0 * (twos - minus_twos) + last;
  }
  for (var b = 0u; b < TILE; b++) {
    let even_one = half[TILE + b] + half[2u * TILE + b];
    let odd_one = half[TILE + b] - half[2u * TILE + b];
    let even_two = half[3u * TILE + b] + half[4u * TILE + b];
    let odd_two = half[3u * TILE + b] - half[4u * TILE + b];
    let values = mat4x4f(
      half[b] + even_one + even_two,
      odd_one + 2.0 * odd_two,
      even_one + 4.0 * even_two,
      odd_one + 8.0 * odd_two + half[5u * TILE + b],
    );
    // A loop to a constant is written out, and every load and store in it costs time to compile.
    for (var a = 0u; a < params.four; a++) {
      if (row + a < params.out_height && column + b < params.out_width) {
        let to = ((image + row + a) * params.out_width + column + b) * params.out_channels + channel;
        var value = values[a];
        if (params.has_bias == 1u) { value += bias[channel]; }
        if (params.has_residual == 1u) { value += residual[to]; }
        if (params.relu == 1u) { value = max(value, vec4f()); }
        if (params.accumulate == 1u) { value += y[to]; }
        y[to] = value;
      }
    }
  }
}
