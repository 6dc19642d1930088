// use lib/linear.wgsl
// Disjoint squares of N×H×W images as rows: rows[n][gy][gx][r][s][c] = x[n][P·gy + r][P·gx + s][c].

alias Stored = f32; // of the images
const WIDTH = 64u;

// Squares have `side` pixels along each side. Pixels have `pitch` numbers, of which the first `channels` are taken.
struct Params { images: u32, height: u32, width: u32, pitch: u32, channels: u32, side: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> rows: array<f32>;

@compute @workgroup_size(WIDTH)
fn take(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.height * params.width * params.channels) { return; }
  let c = i % params.channels;
  let within = i / params.channels % (params.side * params.side);
  let square = i / (params.channels * params.side * params.side);
  let across = params.width / params.side;
  let h = square / across * params.side + within / params.side; // over the rows of all images
  let w = square % across * params.side + within % params.side;
  rows[i] = f32(x[(h * params.width + w) * params.pitch + c]);
}

// Each pixel is in one square; numbers of a pixel that are not taken have no part in the result.
@group(0) @binding(1) var<storage, read> drows: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;

@compute @workgroup_size(WIDTH)
fn give_back(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.height * params.width * params.pitch) { return; }
  let c = i % params.pitch;
  let w = i / params.pitch % params.width;
  let h = i / (params.pitch * params.width);
  var value = 0.0;
  if (c < params.channels) {
    let square = h / params.side * (params.width / params.side) + w / params.side;
    let within = h % params.side * params.side + w % params.side;
    value = drows[(square * params.side * params.side + within) * params.channels + c];
  }
  dx[i] = Stored(value);
}
