// use lib/linear.wgsl
// Prototypes: rows of length one, which an update leaves and which are brought back to it; and a gradient that is 0 in the
// first steps of a run.

const WIDTH = 8u;

struct Params { rows: u32, columns: u32, steps: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> prototypes: array<f32>; // [rows][columns]

// w ← w/‖w‖, a row an invocation. A row of zeros stays zero.
@compute @workgroup_size(WIDTH)
fn normalise(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let first = id.x * params.columns;
  var squares = 0.0;
  for (var k = first; k < first + params.columns; k++) { squares += prototypes[k] * prototypes[k]; }
  let inverse = select(0.0, inverseSqrt(squares), squares > 1.2e-38);
  for (var k = first; k < first + params.columns; k++) { prototypes[k] *= inverse; }
}

@group(0) @binding(1) var<storage, read> counter: array<u32>; // seed, step
@group(0) @binding(2) var<storage, read> upstream: array<f32>; // [rows][columns]
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

// The gradient, from the first step on that is not frozen; an element an invocation.
@compute @workgroup_size(WIDTH)
fn thaw(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.rows * params.columns) { gradient[i] = select(0.0, upstream[i], counter[1] >= params.steps); }
}
