// Parameters lie one behind another, each from a multiple of 64 elements on. For each block of 64 elements the table
// holds the number of its parameter, with the highest bit set where weight decay (and LARS's trust ratio) applies.
const BLOCK = 64u;
const DECAYS = 0x80000000u;
// An update goes over vec4f, BLOCK lanes side by side, each TIMES times.
const QUADS = BLOCK / 4u; // vec4f of a block
const TIMES = 16u;

fn block_of(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }

// The vec4f that a lane updates: from `first` on, BLOCK apart.
struct Span { first: u32, end: u32 }

fn span_of(group: vec3u, groups: vec3u, lane: u32, blocks: u32) -> Span {
  let first = block_of(group, groups) * BLOCK * TIMES;
  return Span(first + lane, min(first + BLOCK * TIMES, blocks * QUADS));
}
