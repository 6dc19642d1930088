// The running number of an invocation in a grid that `linearGrid` laid over x and y.
fn linear(group: vec3u, groups: vec3u, lane: u32, width: u32) -> u32 {
  return (group.y * groups.x + group.x) * width + lane;
}
