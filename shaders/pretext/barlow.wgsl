// Barlow Twins (Zbontar et al. 2021, arXiv 2103.03230, eq. 1 and 2, divided by D) over x [2N, D], first views before second
// ones: with ŷ the columns of a view less their mean, over √(σ² + ε), and C = ŷᵀŷ'/N of the two views,
//   L = 1/D Σ_i (1 − C_ii)² + λ/D Σ_i Σ_{j≠i} C_ij²
//   M = ∂L/∂C/N,   g = ∂L/∂ŷ = ŷ'·Mᵀ,   ∂L/∂ŷ' = ŷ·M,   ∂L/∂x = (g − mean(g) − ŷ·mean(g·ŷ))/√(σ² + ε) column by column

const WIDTH = 64u;
const VARIANCE_EPSILON = 1e-5; // as a batch norm's, which the paper's program has there

struct Params { images: u32, columns: u32, redundancy: f32 } // λ
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>; // [2N][D]
@group(0) @binding(2) var<storage, read_write> standardised: array<f32>; // [2N][D]
@group(0) @binding(3) var<storage, read_write> inverses: array<f32>; // [2D]: 1/√(σ² + ε)

// A column of a view an invocation.
@compute @workgroup_size(WIDTH)
fn standardise(@builtin(global_invocation_id) id: vec3u) {
  let d = params.columns;
  if (id.x >= 2u * d) { return; }
  let first = id.x / d * params.images * d + id.x % d;
  let n = f32(params.images);
  var sum = 0.0;
  for (var i = 0u; i < params.images; i++) { sum += x[first + i * d]; }
  let mean = sum / n;
  var squares = 0.0;
  for (var i = 0u; i < params.images; i++) {
    let difference = x[first + i * d] - mean;
    squares += difference * difference;
  }
  let inverse = 1.0 / sqrt(squares / n + VARIANCE_EPSILON);
  for (var i = 0u; i < params.images; i++) { standardised[first + i * d] = inverse * (x[first + i * d] - mean); }
  inverses[id.x] = inverse;
}

@group(0) @binding(1) var<storage, read_write> products: array<f32>; // [D][D]: ŷᵀŷ', then M
@group(0) @binding(2) var<storage, read_write> terms: array<f32>; // [2][D]: C_ii, Σ_{j≠i} C_ij²

// A row of C an invocation.
@compute @workgroup_size(WIDTH)
fn correlate(@builtin(global_invocation_id) id: vec3u) {
  let d = params.columns;
  let row = id.x;
  if (row >= d) { return; }
  let n = f32(params.images);
  let scale = 2.0 / (n * f32(d));
  let own = products[row * d + row] / n;
  var squares = 0.0;
  for (var j = 0u; j < d; j++) {
    let c = products[row * d + j] / n;
    if (j != row) { squares += c * c; }
    products[row * d + j] = scale * params.redundancy * c;
  }
  products[row * d + row] = scale * (own - 1.0);
  terms[row] = own;
  terms[d + row] = squares;
}

@group(0) @binding(1) var<storage, read> column_terms: array<f32>;
@group(0) @binding(4) var<storage, read_write> loss: array<f32>;
// [2]: the mean C_ii, Σ_i Σ_{j≠i} C_ij²/D
@group(0) @binding(5) var<storage, read_write> metrics: array<f32>;

// By one invocation in the order of the columns.
@compute @workgroup_size(1)
fn means() {
  let d = params.columns;
  var own = 0.0;
  var lack = 0.0;
  var others = 0.0;
  for (var i = 0u; i < d; i++) {
    let c = column_terms[i];
    own += c;
    lack += (1.0 - c) * (1.0 - c);
    others += column_terms[d + i];
  }
  loss[0] = (lack + params.redundancy * others) / f32(d);
  metrics[0] = own / f32(d);
  metrics[1] = others / f32(d);
}

@group(0) @binding(1) var<storage, read> loss_gradient: array<f32>;
@group(0) @binding(4) var<storage, read> rows: array<f32>; // ŷ [2N][D]
@group(0) @binding(5) var<storage, read> column_inverses: array<f32>; // [2D]
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>; // ∂L/∂ŷ, then ∂L/∂x

// A column of a view an invocation.
@compute @workgroup_size(WIDTH)
fn through(@builtin(global_invocation_id) id: vec3u) {
  let d = params.columns;
  if (id.x >= 2u * d) { return; }
  let first = id.x / d * params.images * d + id.x % d;
  var sum = 0.0;
  var along = 0.0;
  for (var i = 0u; i < params.images; i++) {
    let at = first + i * d;
    sum += gradient[at];
    along += gradient[at] * rows[at];
  }
  let n = f32(params.images);
  let scale = loss_gradient[0] * column_inverses[id.x];
  for (var i = 0u; i < params.images; i++) {
    let at = first + i * d;
    gradient[at] = scale * (gradient[at] - sum / n - rows[at] * along / n);
  }
}
