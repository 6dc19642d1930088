// A batch norm's running statistics folded into the convolution before it:
//   γ·(x ∗ w − μ)/√(variance + ε) + β = x ∗ (w·s) + (β − μ·s),   s = γ/√(variance + ε)

const WIDTH = 64u; // lanes of a workgroup
// What a lane takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;

struct Params { rows: u32, channels: u32, block: u32, epsilon: f32 } // rows of weights, `block` of them a workgroup's; channels in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<Element>; // [K·K·Cin][C]
@group(0) @binding(2) var<storage, read> gamma: array<Element>;
@group(0) @binding(3) var<storage, read> beta: array<Element>;
@group(0) @binding(4) var<storage, read> running_mean: array<Element>;
@group(0) @binding(5) var<storage, read> running_variance: array<Element>;
@group(0) @binding(6) var<storage, read_write> folded_weight: array<Element>; // [K·K·Cin][C]
@group(0) @binding(7) var<storage, read_write> folded_bias: array<Element>;

@compute @workgroup_size(WIDTH)
fn fold(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x * WIDTH + lane;
  if (channel >= params.channels) { return; }
  let scale = gamma[channel] * inverseSqrt(running_variance[channel] + Element(params.epsilon));
  if (group.y == 0u) { folded_bias[channel] = beta[channel] - running_mean[channel] * scale; }
  let end = min((group.y + 1u) * params.block, params.rows);
  for (var row = group.y * params.block; row < end; row++) {
    let at = row * params.channels + channel;
    folded_weight[at] = weight[at] * scale;
  }
}
