// use lib/parameter_blocks.wgsl
// use lib/parameter_update.wgsl
// LARS (You, Gitman & Ginsburg 2017, arXiv 1708.03888), as SimCLR uses it:
//   d = g + λ·w,   trust = κ·‖w‖/‖d‖ for each parameter (1 where a norm is 0),   m = μ·m + η·trust·d,   w −= m
// Biases and normalisation parameters have λ = 0 and trust 1.

struct Params { blocks: u32, parameters: u32, momentum: f32, weight_decay: f32, trust_coefficient: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> gradients: array<f32>;
@group(0) @binding(4) var<storage, read> old_weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> squares: array<f32>; // [blocks][2]: Σ w², Σ d²

// One invocation sums one block, in order.
@compute @workgroup_size(BLOCK)
fn block_norms(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block_index = block_of(group, groups) * BLOCK + lane;
  if (block_index >= params.blocks) { return; }
  let decay = decay_of(table[block_index], params.weight_decay);
  var w2 = 0.0;
  var d2 = 0.0;
  for (var i = block_index * BLOCK; i < (block_index + 1u) * BLOCK; i++) {
    let w = old_weights[i];
    let d = unscale[0] * gradients[i] + decay * w;
    w2 += w * w;
    d2 += d * d;
  }
  squares[2u * block_index] = w2;
  squares[2u * block_index + 1u] = d2;
}

// One invocation sums the blocks of one parameter, in order.
@group(0) @binding(2) var<storage, read> first_blocks: array<u32>; // [parameters + 1]
@group(0) @binding(3) var<storage, read> block_squares: array<f32>;
@group(0) @binding(4) var<storage, read_write> new_trust: array<f32>; // [parameters]

@compute @workgroup_size(BLOCK)
fn trust_ratios(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.parameters) { return; }
  let first = first_blocks[id.x];
  var w2 = 0.0;
  var d2 = 0.0;
  for (var k = first; k < first_blocks[id.x + 1u]; k++) {
    w2 += block_squares[2u * k];
    d2 += block_squares[2u * k + 1u];
  }
  let adapts = (table[first] & DECAYS) != 0u && w2 > 0.0 && d2 > 0.0;
  new_trust[id.x] = select(1.0, params.trust_coefficient * sqrt(w2 / d2), adapts);
}

@group(0) @binding(3) var<storage, read> gradient_quads: array<vec4f>;
@group(0) @binding(4) var<storage, read> trust: array<f32>;
@group(0) @binding(5) var<storage, read_write> momenta: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> weights: array<vec4f>;

// `factor` brings gradients to their size.
fn move_quad(i: u32, entry: u32, p: Params, factor: f32, rate: f32) {
  let decay = decay_of(entry, p.weight_decay);
  let d = factor * gradient_quads[i] + decay * weights[i];
  let m = p.momentum * momenta[i] + rate * trust[entry & ~DECAYS] * d;
  momenta[i] = m;
  weights[i] -= m;
}
