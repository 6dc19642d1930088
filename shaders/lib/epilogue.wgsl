// What may follow a convolution's sum in evaluation: a bias of each channel, what a shortcut brings, and ReLU. None of
// them is a constant: a software adapter compiles each form for most of a second.
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<Stored>; // in the places of y

fn finish(sum: f32, place: u32, channel: u32) -> f32 {
  var value = sum;
  if (params.has_bias == 1u) { value += bias[channel]; }
  if (params.has_residual == 1u) { value += f32(residual[place]); }
  if (params.relu == 1u) { value = max(value, 0.0); }
  return value;
}
