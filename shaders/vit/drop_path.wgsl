// use lib/linear.wgsl
// use lib/rng.wgsl
// Stochastic depth (Huang et al. 2016, arXiv 1603.09382): a branch is left out of an image's sum with a probability p, and
// otherwise weighs 1/(1 − p). What becomes of an image follows from seed, step, image and branch, so that the gradient
// draws the same again.

// What an invocation takes at once: four numbers, or one where an image's are no multiple of four.
alias Element = vec4f;
const WIDTH = 64u;
// Beyond the numbers that views are drawn by.
const FIRST_BRANCH = 0x80000000u;

struct Params { count: u32, size: u32, branch: u32, rate: f32, factor: f32 } // count and an image's size in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> counter: array<u32>; // seed and step
@group(0) @binding(2) var<storage, read> x: array<Element>;
@group(0) @binding(3) var<storage, read_write> y: array<Element>;

@compute @workgroup_size(WIDTH)
fn drop_path(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.count) { return; }
  let chance = uniform4(vec4u(counter[0], counter[1], i / params.size, FIRST_BRANCH + params.branch)).x;
  y[i] = select(0.0, params.factor, chance >= params.rate) * x[i];
}
