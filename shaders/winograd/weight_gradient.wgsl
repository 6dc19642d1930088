// use lib/linear.wgsl
// The weights' gradient by the transforms of transform.wgsl, backwards: where y = Aᵀ·m·A, m = Σ u ∘ v and u = G·w·Gᵀ,
//   dm = A·dy·Aᵀ,   du = Σ dm ∘ v over the tiles,   dw = Gᵀ·du·G.

const WIDTH = 64u; // lanes of a workgroup
const TILE = 4u;
const SIDE = 6u;

// Channels are in vec4f.
struct Params {
  first: u32, images: u32, // whose tiles these are, of a batch
  channels: u32, // of x
  out_height: u32, out_width: u32, out_channels: u32, // of y
  rows: u32, columns: u32, // of tiles in an image
}
@group(0) @binding(0) var<uniform> params: Params;

@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> tile_gradient: array<vec4f>; // [36][tiles][Cout]

// A·dy·Aᵀ
@compute @workgroup_size(WIDTH)
fn transform_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let size = params.images * params.rows * params.columns * params.out_channels;
  if (i >= size) { return; }
  let channel = i % params.out_channels;
  let tile = i / params.out_channels;
  let line = tile / params.columns;
  let row = line % params.rows * TILE;
  let column = tile % params.columns * TILE;
  let image = (params.first + line / params.rows) * params.out_height;
  var half: array<vec4f, 24>; // dy·Aᵀ: [4][6]
  for (var a = 0u; a < TILE; a++) {
    let h = row + a;
    let start = (image + min(h, params.out_height - 1u)) * params.out_width;
    var d: array<vec4f, 4>;
    for (var b = 0u; b < TILE; b++) {
      let w = column + b;
      let pixel = start + min(w, params.out_width - 1u);
      d[b] = select(vec4f(), dy[pixel * params.out_channels + channel], h < params.out_height && w < params.out_width);
    }
    half[SIDE * a] = d[0];
    half[SIDE * a + 1u] = (d[0] + d[2]) + (d[1] + d[3]);
    half[SIDE * a + 2u] = (d[0] + d[2]) - (d[1] + d[3]);
    half[SIDE * a + 3u] = (d[0] + 4.0 * d[2]) + (2.0 * d[1] + 8.0 * d[3]);
    half[SIDE * a + 4u] = (d[0] + 4.0 * d[2]) - (2.0 * d[1] + 8.0 * d[3]);
    half[SIDE * a + 5u] = d[3];
  }
  for (var b = 0u; b < SIDE; b++) {
    let d0 = half[b];
    let d1 = half[SIDE + b];
    let d2 = half[2u * SIDE + b];
    let d3 = half[3u * SIDE + b];
    let to = b * size + i;
    let step = SIDE * size;
    tile_gradient[to] = d0;
    tile_gradient[to + step] = (d0 + d2) + (d1 + d3);
    tile_gradient[to + 2u * step] = (d0 + d2) - (d1 + d3);
    tile_gradient[to + 3u * step] = (d0 + 4.0 * d2) + (2.0 * d1 + 8.0 * d3);
    tile_gradient[to + 4u * step] = (d0 + 4.0 * d2) - (2.0 * d1 + 8.0 * d3);
    tile_gradient[to + 5u * step] = d3;
  }
}

@group(0) @binding(1) var<storage, read> weight_sum: array<vec4f>; // du: [36][Cin][Cout]
@group(0) @binding(2) var<storage, read_write> dw: array<vec4f>; // [3][3][Cin][Cout]

// Gᵀ·du·G
@compute @workgroup_size(WIDTH)
fn transform_weight_sums(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let size = 4u * params.channels * params.out_channels;
  if (i >= size) { return; }
  var half: array<vec4f, 18>; // Gᵀ·du: [3][6]
  for (var b = 0u; b < SIDE; b++) {
    let from_sums = b * size + i;
    let step = SIDE * size;
    let near = weight_sum[from_sums + step] + weight_sum[from_sums + 2u * step];
    let near_difference = weight_sum[from_sums + 2u * step] - weight_sum[from_sums + step];
    let far = weight_sum[from_sums + 3u * step] + weight_sum[from_sums + 4u * step];
    let far_difference = weight_sum[from_sums + 3u * step] - weight_sum[from_sums + 4u * step];
    half[b] = weight_sum[from_sums] / 4.0 - near / 6.0 + far / 24.0;
    half[SIDE + b] = near_difference / 6.0 + far_difference / 12.0;
    half[2u * SIDE + b] = (far - near) / 6.0 + weight_sum[from_sums + 5u * step];
  }
  for (var a = 0u; a < 3u; a++) {
    let from_half = SIDE * a;
    let near = half[from_half + 1u] + half[from_half + 2u];
    let far = half[from_half + 3u] + half[from_half + 4u];
    let to = 3u * a * size + i;
    dw[to] = half[from_half] / 4.0 - near / 6.0 + far / 24.0;
    dw[to + size] = (half[from_half + 2u] - half[from_half + 1u]) / 6.0 + (half[from_half + 3u] - half[from_half + 4u]) / 12.0;
    dw[to + 2u * size] = (far - near) / 6.0 + half[from_half + 5u];
  }
}
