// How a workgroup walks over a block of rows: its lanes lie along the channels and, where these are fewer, over several
// rows, one below the other. Places are those of row-major elements.
struct Walk {
  channel: u32, // no less than there are for a lane that has none
  begin: u32,
  end: u32,
  step: u32,
  part: u32, // the number of the lane's share of the rows
}

fn walk(group: vec3u, lane: u32, width: u32, rows: u32, channels: u32, block_rows: u32) -> Walk {
  let lanes = min(channels, width);
  let lines = width / lanes;
  let line = lane / lanes;
  let channel = select(group.x * width + lane % lanes, channels, line >= lines);
  let row = group.y * block_rows;
  let end = min(row + block_rows, rows) * channels;
  return Walk(channel, (row + line) * channels + channel, end, lines * channels, group.y * lines + line);
}

// Rows of a part; the last block's may have none.
fn rows_of(part: u32, width: u32, rows: u32, channels: u32, block_rows: u32) -> u32 {
  let lines = width / min(channels, width);
  let row = part / lines * block_rows;
  let end = min(row + block_rows, rows);
  let first = row + part % lines;
  return select(0u, (end - first + lines - 1u) / lines, first < end);
}
