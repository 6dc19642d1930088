// use lib/parameter_blocks.wgsl
// use lib/parameter_update.wgsl
// AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101), as PyTorch's torch.optim.AdamW:
//   w −= η·λ·w,   m = β₁·m + (1 − β₁)·g,   v = β₂·v + (1 − β₂)·g²,   w −= η·m̂/(√v̂ + ε)
// with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ), whose denominators the host computes for each step: `scalars` 1 and 2.

// The complements 1 − β come from the host: 1 − 0.999 in f32 would be 2e-5 off.
struct Params {
  blocks: u32, beta1: f32, beta2: f32, beta1_complement: f32, beta2_complement: f32, epsilon: f32, weight_decay: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> first_moments: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> second_moments: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> weights: array<vec4f>;

// `factor` brings gradients to their size.
fn move_quad(i: u32, entry: u32, p: Params, factor: f32, rate: f32) {
  let decay = decay_of(entry, p.weight_decay);
  let g = factor * gradients[i];
  let m = p.beta1 * first_moments[i] + p.beta1_complement * g;
  let v = p.beta2 * second_moments[i] + p.beta2_complement * g * g;
  first_moments[i] = m;
  second_moments[i] = v;
  let step = (m / scalars[1]) / (sqrt(v / scalars[2]) + p.epsilon);
  weights[i] = weights[i] * (1.0 - rate * decay) - rate * step;
}
