// use lib/linear.wgsl
// Sums partial results in a fixed order, so that a result does not depend on how the device schedules workgroups.

const WIDTH = 64u;

struct Params { parts: u32, count: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<f32>; // [parts][count]
@group(0) @binding(2) var<storage, read_write> total: array<f32>; // [count]

@compute @workgroup_size(WIDTH)
fn sum_parts(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  var sum = 0.0;
  for (var part = 0u; part < params.parts; part++) { sum += partial[part * params.count + i]; }
  total[i] = sum;
}
