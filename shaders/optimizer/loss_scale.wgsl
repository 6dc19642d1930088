// use lib/parameter_blocks.wgsl
// Dynamic loss scale (Micikevicius et al. 2018, arXiv 1710.03740): the loss's gradient starts at a scale that keeps
// small gradients above f16's smallest numbers, and the optimizer divides by it. A step whose gradients overflowed is
// skipped and the scale halved; behind `interval` steps without one it is doubled. Powers of two cost no rounding.

const LOWEST = 1.0;
const HIGHEST = 16777216.0;

struct Params { blocks: u32, interval: f32 }
@group(0) @binding(0) var<uniform> params: Params;
// f32, by their bits: WGSL lets a compiler assume that a float is never infinite and no NaN.
@group(0) @binding(1) var<storage, read> gradients: array<u32>;
@group(0) @binding(2) var<storage, read_write> overflowed: atomic<u32>; // 0 between steps

// One workgroup looks at 64 blocks of 64 elements.
@compute @workgroup_size(BLOCK)
fn find_overflow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = block_of(group, groups) * BLOCK;
  let last = min(first + BLOCK, params.blocks);
  var found = false;
  for (var block_index = first; block_index < last; block_index++) {
    found = found || (gradients[block_index * BLOCK + lane] & 0x7f800000u) == 0x7f800000u;
  }
  if (found) { atomicMax(&overflowed, 1u); }
}

@group(0) @binding(3) var<storage, read_write> state: array<f32, 4>; // scale, 1/scale, steps since it changed, skipped steps
@group(0) @binding(4) var<storage, read_write> unscale: array<f32, 1>; // what to multiply gradients by; 0: skip the step

@compute @workgroup_size(1)
fn judge() {
  if (atomicExchange(&overflowed, 0u) != 0u) {
    unscale[0] = 0.0;
    state[3] += 1.0;
    if (state[0] > LOWEST) { multiply_scale(0.5); }
  } else {
    unscale[0] = state[1];
    state[2] += 1.0;
    if (state[2] >= params.interval && state[0] < HIGHEST) { multiply_scale(2.0); }
  }
}

fn multiply_scale(factor: f32) {
  state[0] *= factor;
  state[1] *= select(0.5, 2.0, factor < 1.0);
  state[2] = 0.0;
}
