// The sum over k of a workgroup's tile of a matrix product. Both operands pass through workgroup memory in panels, and
// the next panel's numbers are on their way to registers while the present one is multiplied. What is done with a panel
// says the tile's library, staged_tile.wgsl or matrix_tile.wgsl:
//   Sums                              a thread's results: the numbers, or its share of a subgroup's matrices
//   fetch(thread, panel)              loads a panel's numbers into the thread's registers
//   stage(thread)                     lays what was loaded into workgroup memory
//   multiply(sums, thread, subgroup)  adds the products of what lies there
// `subgroup` is the number of the thread's own; tiles that have no use for it get 0.
fn add_panels(sums: ptr<function, Sums>, thread: u32, subgroup: u32, panels: u32) {
  for (var panel = 0u; panel <= panels; panel++) {
    if (panel > 0u) { stage(thread); }
    workgroupBarrier();
    if (panel < panels) { fetch(thread, panel); }
    if (panel > 0u) { multiply(sums, thread, subgroup); }
    workgroupBarrier();
  }
}
