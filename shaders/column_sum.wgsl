// total[C] = Σ over rows of x[rows][C]: a partial sum for each block of rows, which reduce.wgsl then adds in order.

const WIDTH = 64u;

struct Params { rows: u32, columns: u32, block: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> partial: array<f32>; // [blocks][columns]

@compute @workgroup_size(WIDTH)
fn column_sum(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * WIDTH + lane;
  if (column >= params.columns) { return; }
  let last = min((group.y + 1u) * params.block, params.rows);
  var sum = 0.0;
  for (var row = group.y * params.block; row < last; row++) { sum += x[row * params.columns + column]; }
  partial[group.y * params.columns + column] = sum;
}
