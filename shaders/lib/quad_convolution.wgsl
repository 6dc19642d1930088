// Operands of a convolution whose channels are whole vec4f.
struct Params {
  batch: u32,
  height: u32, width: u32, channels: u32, // of x: those that have weights
  pitch: u32, // vec4f from one pixel of x to the next
  out_height: u32, out_width: u32, out_channels: u32, // of y; the channels in vec4f
  kernel: u32, stride: u32, pad: u32,
  has_bias: u32, has_residual: u32, relu: u32, // 1: what follows the sum, see quad_epilogue.wgsl
  four: u32, // 4: a loop to a constant is written out, and every load and store in it costs time to compile
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<Stored>>;
@group(0) @binding(2) var<storage, read> weight: array<vec4f>; // [KH][KW][Cin][Cout]
@group(0) @binding(3) var<storage, read_write> y: array<vec4<Stored>>;
