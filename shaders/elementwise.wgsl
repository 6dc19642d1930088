// use lib/linear.wgsl
// One element an invocation.

alias Stored = f32;
const WIDTH = 64u;

struct Params { count: u32, value: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> other: array<Stored>;
@group(0) @binding(3) var<storage, read_write> y: array<Stored>;

// y = value
@compute @workgroup_size(WIDTH)
fn fill(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = Stored(params.value); }
}

// y = value · x
@compute @workgroup_size(WIDTH)
fn scale(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = Stored(params.value * f32(x[i])); }
}

// y += x
@compute @workgroup_size(WIDTH)
fn accumulate(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] += x[i]; }
}

// y = x + other
@compute @workgroup_size(WIDTH)
fn add(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = x[i] + other[i]; }
}

// y = max(x, 0)
@compute @workgroup_size(WIDTH)
fn relu(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = max(x[i], Stored(0.0)); }
}

// y = x where other > 0, else 0: the gradient of relu, given its output
@compute @workgroup_size(WIDTH)
fn relu_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = select(Stored(0.0), x[i], other[i] > Stored(0.0)); }
}
