// use lib/linear.wgsl
// The maximum over windows of N×H×W×C images where no gradient asks which pixel it was.

const WIDTH = 64u;
// What a lane takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
alias Stored = vec4f; // the same of x and y

struct Params {
  batch: u32, height: u32, width: u32, channels: u32, // channels in elements
  out_height: u32, out_width: u32, kernel: u32, stride: u32, pad: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

@compute @workgroup_size(WIDTH)
fn max_windows(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.batch * params.out_height * params.out_width * params.channels) { return; }
  let c = i % params.channels;
  let place = i / params.channels;
  let line = place / params.out_width;
  let image = line / params.out_height * params.height;
  // For a pixel on the padding, which never wins, stands the nearest one: a window holds it as well, since it reaches no
  // further beyond the image than into it.
  let row = i32(line % params.out_height * params.stride) - i32(params.pad);
  let column = i32(place % params.out_width * params.stride) - i32(params.pad);
  var best = Element(-3.4e38);
  for (var a = 0u; a < params.kernel; a++) {
    let h = image + u32(clamp(row + i32(a), 0, i32(params.height) - 1));
    for (var b = 0u; b < params.kernel; b++) {
      let w = u32(clamp(column + i32(b), 0, i32(params.width) - 1));
      best = max(best, Element(x[(h * params.width + w) * params.channels + c]));
    }
  }
  y[i] = Stored(best);
}
