// Operands of C[M][N] = op(A) · op(B) (+ bias[N]) of any sizes, by the elements from one row or column to the next.
struct Params {
  m: u32, n: u32, k: u32,
  a_row: u32, a_column: u32,
  b_row: u32, b_column: u32,
  slice: u32, // of K, for one workgroup
  a_start: u32, b_start: u32, c_start: u32,
  slices: u32, // of K; the grid's z counts them and then the products
  a_block: u32, b_block: u32, // elements from one product's operands to the next one's
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>; // [products][slices][M][N]
@group(0) @binding(4) var<storage, read> bias: array<f32>;
