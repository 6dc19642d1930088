// use lib/linear.wgsl
// Of the rows of all ranks' views [views][ranks·rows][columns] those of one rank: y [views][rows][columns].

const WIDTH = 64u; // lanes of a workgroup, an element each

struct Params { count: u32, block: u32, whole: u32, first: u32 } // elements: of y; of a view here, there; in front of the own
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WIDTH)
fn own_rows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  y[i] = x[i / params.block * params.whole + params.first + i % params.block];
}
