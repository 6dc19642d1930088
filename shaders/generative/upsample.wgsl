// use lib/linear.wgsl
// N×H×W×C images enlarged by a whole factor F: every pixel F·F times, or bilinear between the centres of pixels
// (PyTorch's align_corners=False): output pixel i lies at (i + ½)/F − ½ of the input, no less than 0.

// What an invocation takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
alias Stored = vec4f;
const WIDTH = 64u;

struct Params { images: u32, height: u32, width: u32, channels: u32, factor: u32, bilinear: u32 } // channels in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Stored>;
@group(0) @binding(2) var<storage, read_write> y: array<Stored>;

// The first of the two pixels along an axis that output pixel i lies between, and the second one's share.
struct Between { first: u32, share: f32 }

fn between(i: u32) -> Between {
  if (params.bilinear == 0u) { return Between(i / params.factor, 0.0); }
  let twice = u32(max(i32(2u * i + 1u) - i32(params.factor), 0)); // the place in units of 1/(2·F) pixels
  let unit = 2u * params.factor;
  return Between(twice / unit, f32(twice % unit) / f32(unit));
}

fn pixel(image: u32, row: u32, column: u32, c: u32) -> Element {
  let h = min(row, params.height - 1u);
  let w = min(column, params.width - 1u);
  return Element(x[((image * params.height + h) * params.width + w) * params.channels + c]);
}

@compute @workgroup_size(WIDTH)
fn upsample(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let row = params.width * params.factor * params.channels;
  if (i >= params.images * params.height * params.factor * row) { return; }
  let c = i % params.channels;
  let image = i / row / (params.height * params.factor);
  let down = between(i / row % (params.height * params.factor));
  let across = between(i % row / params.channels);
  var value = pixel(image, down.first, across.first, c);
  if (params.bilinear == 1u) {
    let right = pixel(image, down.first, across.first + 1u, c);
    let below = pixel(image, down.first + 1u, across.first, c);
    let both = pixel(image, down.first + 1u, across.first + 1u, c);
    value = mix(mix(value, right, across.share), mix(below, both, across.share), down.share);
  }
  y[i] = Stored(value);
}

@group(0) @binding(1) var<storage, read> dy: array<Stored>;
@group(0) @binding(2) var<storage, read_write> dx: array<Stored>;

// The share that output pixel i has of the pixel `own` along an axis of `side` pixels.
fn share_of(i: u32, own: u32, side: u32) -> f32 {
  let place = between(i);
  let second = min(place.first + 1u, side - 1u);
  return select(0.0, 1.0 - place.share, place.first == own) + select(0.0, place.share, second == own);
}

// Every pixel sums the gradients of the output pixels that have a share of it: those of its own F, and with bilinear
// weights of its neighbours'.
@compute @workgroup_size(WIDTH)
fn upsample_gradient(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let row = params.width * params.channels;
  if (i >= params.images * params.height * row) { return; }
  let c = i % params.channels;
  let w = i % row / params.channels;
  let h = i / row % params.height;
  let image = i / row / params.height;
  let reach = params.bilinear;
  let top = (max(h, reach) - reach) * params.factor;
  let left = (max(w, reach) - reach) * params.factor;
  let bottom = min(h + 1u + reach, params.height) * params.factor;
  let right = min(w + 1u + reach, params.width) * params.factor;
  let across = params.width * params.factor;
  var sum = Element();
  for (var r = top; r < bottom; r++) {
    let weight = share_of(r, h, params.height);
    for (var s = left; s < right; s++) {
      let at = ((image * params.height * params.factor + r) * across + s) * params.channels + c;
      sum += weight * share_of(s, w, params.width) * Element(dy[at]);
    }
  }
  dx[i] = Stored(sum);
}
