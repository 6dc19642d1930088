// What the updates of all optimizers share: which elements a lane moves, and which of them decay.
// Behind lib/parameter_blocks.wgsl.
@group(0) @binding(1) var<storage, read> table: array<u32>; // a block's parameter, and DECAYS
@group(0) @binding(7) var<storage, read> unscale: array<f32, 1>; // of the gradients; 0: leave everything as it is

// Set in a block's entry where weight decay (and LARS's trust ratio) applies.
const DECAYS = 0x80000000u;
// An update goes over vec4f, BLOCK lanes side by side, each TIMES times.
const QUADS = BLOCK / 4u; // vec4f of a block
const TIMES = 16u;

fn decay_of(entry: u32, weight_decay: f32) -> f32 { return select(0.0, weight_decay, (entry & DECAYS) != 0u); }

// The vec4f that a lane updates: from `first` on, BLOCK apart; none where the step is skipped.
struct Span { first: u32, end: u32 }

fn span_of(group: vec3u, groups: vec3u, lane: u32, blocks: u32) -> Span {
  let first = block_of(group, groups) * BLOCK * TIMES;
  let end = select(min(first + BLOCK * TIMES, blocks * QUADS), first, unscale[0] == 0.0);
  return Span(first + lane, end);
}
