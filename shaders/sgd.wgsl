// use lib/parameter_blocks.wgsl
// Stochastic gradient descent with momentum, as PyTorch's torch.optim.SGD:
//   d = g + λ·w,   m = μ·m + d,   w −= η·(nesterov ? d + μ·m : m)
// One workgroup updates one block of 64 elements.

const NESTEROV = false;

struct Params { blocks: u32, momentum: f32, weight_decay: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> table: array<u32>;
@group(0) @binding(2) var<storage, read> scalars: array<f32>; // η
@group(0) @binding(3) var<storage, read> gradients: array<f32>;
@group(0) @binding(4) var<storage, read_write> momenta: array<f32>;
@group(0) @binding(5) var<storage, read_write> weights: array<f32>;
@group(0) @binding(6) var<storage, read> unscale: array<f32, 1>; // of the gradients; 0: leave everything as it is

@compute @workgroup_size(BLOCK)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block_index = block_of(group, groups);
  if (block_index >= params.blocks || unscale[0] == 0.0) { return; }
  let i = block_index * BLOCK + lane;
  let decay = select(0.0, params.weight_decay, (table[block_index] & DECAYS) != 0u);
  let d = unscale[0] * gradients[i] + decay * weights[i];
  let m = params.momentum * momenta[i] + d;
  momenta[i] = m;
  weights[i] -= scalars[0] * select(m, d + params.momentum * m, NESTEROV);
}
