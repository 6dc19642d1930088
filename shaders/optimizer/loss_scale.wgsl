// use lib/parameter_blocks.wgsl
// Dynamic loss scale (Micikevicius et al. 2018, arXiv 1710.03740): the loss's gradient starts at a scale that keeps
// small gradients above f16's smallest numbers, and the optimizer divides by it. A step whose gradients overflowed is
// skipped and the scale halved; behind `interval` steps without one it is doubled. Powers of two cost no rounding.
// A step whose forward pass overflowed is skipped too, which shows in the running statistics that it moved: they are put
// back, and the scale, which is not at fault, stays.

const LOWEST = 1.0;
const HIGHEST = 16777216.0;

// Places in `found`.
const GRADIENTS = 0u; // 1 where a gradient of this step is not finite; 0 between steps
const STATISTICS = 1u; // the same of the running statistics
const FORWARD_SKIPS = 2u; // steps skipped since the buffer was made because their forward pass overflowed

struct Params { blocks: u32, interval: f32, place: u32 } // place: where in `found` an overflow is noted
@group(0) @binding(0) var<uniform> params: Params;
// f32, by their bits: WGSL lets a compiler assume that a float is never infinite and no NaN.
@group(0) @binding(1) var<storage, read> numbers: array<u32>;
@group(0) @binding(2) var<storage, read_write> found: array<atomic<u32>, 3>;

// One workgroup looks at 64 blocks of 64 elements.
@compute @workgroup_size(BLOCK)
fn find_overflow(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = block_of(group, groups) * BLOCK;
  let last = min(first + BLOCK, params.blocks);
  var is_found = false;
  for (var block_index = first; block_index < last; block_index++) {
    is_found = is_found || (numbers[block_index * BLOCK + lane] & 0x7f800000u) == 0x7f800000u;
  }
  if (is_found) { atomicMax(&found[params.place], 1u); }
}

@group(0) @binding(3) var<storage, read_write> state: array<f32, 4>; // scale, 1/scale, steps since it changed, skipped steps
@group(0) @binding(4) var<storage, read_write> unscale: array<f32, 1>; // what to multiply gradients by; 0: skip the step

@compute @workgroup_size(1)
fn judge() {
  let of_gradients = atomicExchange(&found[GRADIENTS], 0u) != 0u;
  let of_statistics = atomicExchange(&found[STATISTICS], 0u) != 0u;
  if (of_gradients || of_statistics) {
    unscale[0] = 0.0;
    state[3] += 1.0;
    if (of_statistics) {
      atomicAdd(&found[FORWARD_SKIPS], 1u);
    } else if (state[0] > LOWEST) {
      multiply_scale(0.5);
    }
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

@group(0) @binding(5) var<storage, read_write> copied: array<u32>;

// Keeps what a step may have to be put back to.
@compute @workgroup_size(BLOCK)
fn keep(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  copy_blocks(block_of(group, groups), lane);
}

// Puts it back where the step is skipped.
@compute @workgroup_size(BLOCK)
fn put_back(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (unscale[0] == 0.0) { copy_blocks(block_of(group, groups), lane); }
}

fn copy_blocks(group: u32, lane: u32) {
  let first = group * BLOCK;
  let last = min(first + BLOCK, params.blocks);
  for (var block_index = first; block_index < last; block_index++) {
    copied[block_index * BLOCK + lane] = numbers[block_index * BLOCK + lane];
  }
}
