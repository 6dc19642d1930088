// The adapter's multiply-add rate: independent chains of fused multiply-adds, as many as hide that each waits for the
// one before it in its chain (where there is no fused one, for a multiply and an add), and many to a loop round, since a
// software adapter writes its variables back once a round. bench/README.md has the rates by both numbers.

const WIDTH = 64u;
const CHAINS = 20u;
const REPEATS = 8u; // of a round

struct Params { rounds: u32, factor: f32, term: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WIDTH)
fn multiply_add(@builtin(global_invocation_id) id: vec3u) {
  // Read once: some drivers would read a uniform anew for every product.
  let factor = params.factor;
  let term = params.term;
  var chain: array<f32, CHAINS>;
  for (var i = 0u; i < CHAINS; i++) { chain[i] = f32(id.x + i); }
  for (var round = 0u; round < params.rounds; round += 1u) {
    for (var repeat = 0u; repeat < REPEATS; repeat++) {
      for (var i = 0u; i < CHAINS; i++) { chain[i] = fma(chain[i], factor, term); }
    }
  }
  var sum = 0.0;
  for (var i = 0u; i < CHAINS; i++) { sum += chain[i]; }
  y[id.x] = sum;
}

// A lane copies several vectors: with one each, software adapters spend their time on starting lanes.
const VECTORS = 16u;

@compute @workgroup_size(WIDTH)
fn copy_through(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (group.y * groups.x + group.x) * WIDTH * VECTORS + lane;
  let last = min(first + WIDTH * VECTORS, params.rounds);
  for (var i = first; i < last; i += WIDTH) { target_vectors[i] = source_vectors[i]; }
}
@group(0) @binding(2) var<storage, read> source_vectors: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> target_vectors: array<vec4f>;
