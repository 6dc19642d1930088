// As epilogue.wgsl, of four channels at once.
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4<Stored>>; // in the places of y

fn finish(sum: vec4f, place: u32, channel: u32) -> vec4f {
  var value = sum;
  if (params.has_bias == 1u) { value += bias[channel]; }
  if (params.has_residual == 1u) { value += vec4f(residual[place]); }
  if (params.relu == 1u) { value = max(value, vec4f()); }
  return value;
}
