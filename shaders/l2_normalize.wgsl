// Rows z = x / ‖x‖, one row an invocation. A row of zeros stays zero.

const WIDTH = 8u;

struct Params { rows: u32, columns: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> new_inverse_norm: array<f32>; // [rows]
@group(0) @binding(3) var<storage, read_write> z: array<f32>;

fn inverse_length(row: u32) -> f32 {
  var squares = 0.0;
  for (var k = 0u; k < params.columns; k++) {
    let value = x[row * params.columns + k];
    squares += value * value;
  }
  // Below the smallest square that f32 holds as a normal number a row counts as zero.
  return select(0.0, inverseSqrt(squares), squares > 1.2e-38);
}

@compute @workgroup_size(WIDTH)
fn inverse_norms(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.rows) { new_inverse_norm[id.x] = inverse_length(id.x); }
}

@compute @workgroup_size(WIDTH)
fn normalize(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let inverse = inverse_length(id.x);
  new_inverse_norm[id.x] = inverse;
  for (var k = id.x * params.columns; k < (id.x + 1u) * params.columns; k++) { z[k] = x[k] * inverse; }
}

// dx = (dz − (z·dz)·z) / ‖x‖
@group(0) @binding(2) var<storage, read> inverse_norm: array<f32>;
@group(0) @binding(4) var<storage, read> dz: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WIDTH)
fn gradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) { return; }
  let inverse = inverse_norm[id.x];
  let first = id.x * params.columns;
  var projection = 0.0;
  for (var k = first; k < first + params.columns; k++) { projection += x[k] * dz[k]; }
  projection *= inverse * inverse;
  for (var k = first; k < first + params.columns; k++) { dx[k] = inverse * (dz[k] - projection * x[k]); }
}
