// use lib/linear.wgsl
// y = x + γ·f, with a factor for each channel of the branch f (Touvron et al. 2021, arXiv 2103.17239).

// What an invocation takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
const WIDTH = 64u;

struct Params { count: u32, rows: u32, channels: u32, block: u32 } // count and channels in elements; rows of a block
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> branch: array<Element>;
@group(0) @binding(3) var<storage, read> gamma: array<Element>; // [C]
@group(0) @binding(4) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(WIDTH)
fn scaled_sum(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = x[i] + gamma[i % params.channels] * branch[i]; }
}

// df = γ·dy
@group(0) @binding(1) var<storage, read> dy: array<Element>;
@group(0) @binding(4) var<storage, read_write> dbranch: array<Element>;

@compute @workgroup_size(WIDTH)
fn branch_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { dbranch[i] = gamma[i % params.channels] * dy[i]; }
}

// Partial sums of dγ = Σ dy·f over blocks of rows; a lane has its own channels.
@group(0) @binding(4) var<storage, read_write> gamma_parts: array<Element>; // [blocks][C]

@compute @workgroup_size(WIDTH)
fn factor_sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let last = min((group.y + 1u) * params.block, params.rows);
  var sum = Element();
  for (var row = group.y * params.block; row < last; row++) {
    sum += dy[row * params.channels + c] * branch[row * params.channels + c];
  }
  gamma_parts[group.y * params.channels + c] = sum;
}
