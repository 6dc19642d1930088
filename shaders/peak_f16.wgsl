// The adapter's multiply-add rate in half precision: peak.wgsl's loop with four numbers a variable, since graphics
// cards reach their f16 rate only on vectors.
enable f16;

const WIDTH = 64u;
const CHAINS = 20u;

struct Params { rounds: u32, factor: f32, term: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WIDTH)
fn multiply_add(@builtin(global_invocation_id) id: vec3u) {
  let factor = vec4h(f16(params.factor));
  let term = vec4h(f16(params.term));
  var chain: array<vec4h, CHAINS>;
  for (var i = 0u; i < CHAINS; i++) { chain[i] = vec4h(f16(id.x % 64u + i)); }
  for (var round = 0u; round < params.rounds; round += 1u) {
    for (var i = 0u; i < CHAINS; i++) { chain[i] = fma(chain[i], factor, term); }
  }
  var sum = vec4h();
  for (var i = 0u; i < CHAINS; i++) { sum += chain[i]; }
  y[id.x] = f32(dot(sum, vec4h(1.0)));
}
