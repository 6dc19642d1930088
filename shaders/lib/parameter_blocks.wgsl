// Parameters lie one behind another, each from a multiple of 64 elements on: a block.
const BLOCK = 64u;

fn block_of(group: vec3u, groups: vec3u) -> u32 { return group.y * groups.x + group.x; }
