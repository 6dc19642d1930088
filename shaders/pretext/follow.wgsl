// use lib/linear.wgsl
// An exponential moving average that follows x: y += (1 − m)(x − y). Over a run of so many steps m rises from the
// momentum to 1 by a cosine (BYOL, arXiv 2006.07733, section 3.2): 1 − m = (1 − momentum)(1 + cos πk/K)/2 at step k of K.

const WIDTH = 64u;
const HALF_PI = 1.5707963267948966;

struct Params { count: u32, rate: f32, steps: f32 } // rate: 1 − momentum; steps: K, 0 where m is the momentum always
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> counter: array<u32>; // seed, step
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// (1 + cos πt)/2 = sin²(π(1 − t)/2) by the sine's series: the error is below 2⁻²³ everywhere, on every driver.
fn rise(t: f32) -> f32 {
  let a = HALF_PI * (1.0 - t);
  let s = a * a;
  let sine = a * (1.0 + s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0 + s * (1.0 / 362880.0 - s / 39916800.0)))));
  return sine * sine;
}

@compute @workgroup_size(WIDTH)
fn follow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  var rate = params.rate;
  if (params.steps > 0.0) { rate *= rise(min(f32(counter[1]) / params.steps, 1.0)); }
  y[i] += rate * (x[i] - y[i]);
}
