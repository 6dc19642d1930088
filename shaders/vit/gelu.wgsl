// use lib/linear.wgsl
// y = x·Φ(x), with the normal distribution's Φ (Hendrycks & Gimpel 2016, arXiv 1606.08415).

// What an invocation takes at once: four numbers, or one where their count is no multiple of four.
alias Element = vec4f;
const WIDTH = 64u;

struct Params { count: u32 } // in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> dy: array<Element>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

// Φ(x) to 2e-7 of 1, and above −7 to 2e-6 of itself: with z = |x|/√2, erf by an odd polynomial up to z = 1 and erfc as
// t·exp(−z² + p(t)), t = 1/(1 + z/2), from there on, where nothing cancels. Both are minimax fits to the function itself.
fn normal_distribution(x: Element) -> Element {
  // Beyond ±14 it is 0 or 1 in f32; squares of more would overflow.
  let z = min(abs(x), Element(14.0)) * 0.70710678;
  let s = z * z;
  let erf = z * (1.1283791 + s * (-0.37612325 + s * (0.11280181 + s * (-0.026711343 + s * (0.0049175886 - s * 0.000563158)))));
  let t = 1.0 / (1.0 + 0.5 * z);
  let p = -1.2656026 + t * (1.0014383 + t * (0.36723912 + t * (0.09320498 + t * (-0.027808512 + t * (-0.38734508 + t * 0.22216938)))));
  let tail = 0.5 * select(1.0 - erf, t * exp(p - s), z > Element(1.0));
  return select(tail, 1.0 - tail, x > Element());
}

@compute @workgroup_size(WIDTH)
fn gelu(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i < params.count) { y[i] = x[i] * normal_distribution(x[i]); }
}

// dx = dy·(Φ(x) + x·φ(x)), φ(x) = exp(−x²/2)/√(2π)
@group(0) @binding(3) var<storage, read_write> dx: array<Element>;

@compute @workgroup_size(WIDTH)
fn gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  let near = clamp(x[i], Element(-14.0), Element(14.0));
  let density = 0.39894228 * exp(-0.5 * near * near);
  dx[i] = dy[i] * (normal_distribution(x[i]) + near * density);
}
