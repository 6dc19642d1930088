// use lib/parameter_blocks.wgsl
// use lib/parameter_update.wgsl
// Stochastic gradient descent with momentum, as PyTorch's torch.optim.SGD:
//   d = g + λ·w,   m = μ·m + d,   w −= η·(nesterov ? d + μ·m : m)

const NESTEROV = false;

struct Params { blocks: u32, momentum: f32, weight_decay: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> momenta: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> weights: array<vec4f>;

// `factor` brings gradients to their size.
fn move_quad(i: u32, entry: u32, p: Params, factor: f32, rate: f32) {
  let decay = decay_of(entry, p.weight_decay);
  let d = factor * gradients[i] + decay * weights[i];
  let m = p.momentum * momenta[i] + d;
  momenta[i] = m;
  weights[i] -= rate * select(m, d + p.momentum * m, NESTEROV);
}
