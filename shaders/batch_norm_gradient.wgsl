// use lib/channel_rows.wgsl
// The gradients of batch_norm.wgsl, from dy. With g = dy·[y > 0]:
//   dβ = Σ g,   dγ = Σ g·x̂,   dx = γ·σ⁻¹·(g − dβ/M − x̂·dγ/M),   dresidual = g
// and dx = γ·σ⁻¹·g where the statistics are constants (evaluation).

const WIDTH = 64u; // lanes of a workgroup
const RELU = true;
const RESIDUAL = false; // its gradient, g, is written by `parameter_sums`, and serves `input_gradient` as dy
const TRAINING = true;
// What a lane takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
alias Stored = vec4f; // the same of x, y, the residual and their gradients

struct Params { rows: u32, channels: u32, block: u32, parts: u32 } // channels in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read> y: array<Stored>;
@group(0) @binding(3) var<storage, read> dy: array<Stored>;
@group(0) @binding(4) var<storage, read> statistics: array<Element>; // [4][C] of batch_norm.wgsl
@group(0) @binding(5) var<storage, read_write> partial: array<Element>; // [parts][2][C]: Σ g, Σ g·(x − μ)
@group(0) @binding(6) var<storage, read_write> residual_gradient: array<Stored>;

@compute @workgroup_size(WIDTH)
fn parameter_sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = walk(group, lane, WIDTH, params.rows, params.channels, params.block);
  let c = at.channel;
  if (c >= params.channels) { return; }
  let own = statistics_of(c);
  var sum = Element();
  var product = Element();
  for (var i = at.begin; i < at.end; i += at.step) {
    let input = Element(x[i]);
    var g = Element(dy[i]);
    if (RELU && RESIDUAL) { g = select(Element(), g, y[i] > Stored()); }
    if (RELU && !RESIDUAL) { g = unmasked(g, input, own); }
    if (RESIDUAL) { residual_gradient[i] = Stored(g); }
    sum += g;
    product += g * (input - own.mu);
  }
  let to = 2u * at.part * params.channels + c;
  partial[to] = sum;
  partial[to + params.channels] = product;
}

// Of a channel: μ, γ·σ⁻¹, β − μ·γ·σ⁻¹.
struct Statistics { mu: Element, scale: Element, shift: Element }

fn statistics_of(c: u32) -> Statistics {
  return Statistics(statistics[c], statistics[2u * params.channels + c], statistics[3u * params.channels + c]);
}

// g where the output, computed again, is above 0: cheaper than to load it.
fn unmasked(g: Element, input: Element, own: Statistics) -> Element {
  return select(Element(), g, input * own.scale + own.shift > Element());
}

// dβ, dγ, and by channel the slope and offset of dx = γ·σ⁻¹·g + slope·(x − μ) + offset.
@group(0) @binding(1) var<storage, read> parts: array<Element>; // [parts][2][C]
@group(0) @binding(2) var<storage, read_write> beta_gradient: array<Element>;
@group(0) @binding(3) var<storage, read_write> gamma_gradient: array<Element>;
@group(0) @binding(5) var<storage, read_write> new_coefficients: array<Element>; // [2][C]

// Of a channel: Σ g, Σ g·(x − μ).
struct Sums { sum: Element, product: Element }

fn sums_of(c: u32) -> Sums {
  var sum = Element();
  var product = Element();
  for (var part = 0u; part < params.parts; part++) {
    sum += parts[2u * part * params.channels + c];
    product += parts[(2u * part + 1u) * params.channels + c];
  }
  return Sums(sum, product);
}

fn set_coefficients(c: u32, sum: Element, product: Element) {
  let scale = statistics[2u * params.channels + c];
  var slope = Element();
  var offset = Element();
  if (TRAINING) {
    slope = -scale * statistics[params.channels + c] * product / f32(params.rows);
    offset = -scale * sum / f32(params.rows);
  }
  new_coefficients[c] = slope;
  new_coefficients[params.channels + c] = offset;
}

@compute @workgroup_size(WIDTH)
fn parameter_gradients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let all = sums_of(c);
  let product = all.product * statistics[params.channels + c];
  beta_gradient[c] = all.sum;
  gamma_gradient[c] = product;
  set_coefficients(c, all.sum, product);
}

// Among ranks: dβ and dγ are each rank's own, which are added up with all gradients, and dx takes the sums of all.
@group(0) @binding(5) var<storage, read_write> own_sums: array<Element>; // [2][C]: Σ g, Σ g·(x − μ)

@compute @workgroup_size(WIDTH)
fn rank_sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let all = sums_of(c);
  beta_gradient[c] = all.sum;
  gamma_gradient[c] = all.product * statistics[params.channels + c];
  own_sums[c] = all.sum;
  own_sums[params.channels + c] = all.product;
}

@compute @workgroup_size(WIDTH)
fn rank_coefficients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * WIDTH + lane;
  if (c >= params.channels) { return; }
  let all = sums_of(c);
  set_coefficients(c, all.sum, all.product * statistics[params.channels + c]);
}

@group(0) @binding(5) var<storage, read> coefficients: array<Element>; // [2][C]
@group(0) @binding(6) var<storage, read_write> dx: array<Stored>;

@compute @workgroup_size(WIDTH)
fn input_gradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = walk(group, lane, WIDTH, params.rows, params.channels, params.block);
  let c = at.channel;
  if (c >= params.channels) { return; }
  let own = statistics_of(c);
  let slope = coefficients[c];
  let offset = coefficients[params.channels + c];
  for (var i = at.begin; i < at.end; i += at.step) {
    let input = Element(x[i]);
    var g = Element(dy[i]);
    if (RELU && !RESIDUAL) { g = unmasked(g, input, own); }
    dx[i] = Stored(own.scale * g + slope * (input - own.mu) + offset);
  }
}
