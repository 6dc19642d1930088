// use lib/linear.wgsl
// Sums partial results in a fixed order, so that a result does not depend on how the device schedules workgroups.

const WIDTH = 64u;
// What a lane takes at once: four numbers, or one where their count is no multiple of four.
alias Element = vec4f;

struct Params { parts: u32, count: u32 } // count in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partial: array<Element>; // [parts][count]
@group(0) @binding(2) var<storage, read_write> total: array<Element>; // [count]

@compute @workgroup_size(WIDTH)
fn sum_parts(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  var sum = Element();
  let end = params.parts * params.count;
  let step = params.count;
  for (var at = i; at < end; at += step) { sum += partial[at]; }
  total[i] = sum;
}
