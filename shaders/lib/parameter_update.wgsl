// One step of an optimizer over all parameters, behind lib/parameter_blocks.wgsl. The optimizer's own file has `params`,
// of which `blocks` is read here, and `move_quad`, which moves one vec4f of parameters.
@group(0) @binding(1) var<storage, read> table: array<u32>; // of each block its parameter, and DECAYS
@group(0) @binding(2) var<storage, read> scalars: array<f32>; // η, and what else differs from step to step
@group(0) @binding(8) var<storage, read> rates: array<f32>; // of each parameter, what η is multiplied by
@group(0) @binding(7) var<storage, read> unscale: array<f32, 1>; // of the gradients; 0: leave everything as it is

// Set in a block's entry where weight decay (and LARS's trust ratio) applies.
const DECAYS = 0x80000000u;
const QUADS = BLOCK / 4u; // vec4f of a block
const TIMES = 16u; // that a lane moves

fn decay_of(entry: u32, weight_decay: f32) -> f32 { return select(0.0, weight_decay, (entry & DECAYS) != 0u); }

@compute @workgroup_size(BLOCK)
fn update(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let factor = unscale[0];
  if (factor == 0.0) { return; }
  let rate = scalars[0];
  let p = params;
  // Lanes side by side, each from `first + lane` on.
  let first = block_of(group, groups) * BLOCK * TIMES;
  let end = min(first + BLOCK * TIMES, p.blocks * QUADS);
  for (var i = first + lane; i < end; i += BLOCK) {
    let entry = table[i / QUADS];
    move_quad(i, entry, p, factor, rate * rates[entry & ~DECAYS]);
  }
}
