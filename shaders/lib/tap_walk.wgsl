// Which pixels the taps of a convolution meet, in the convolution and, where GRADIENT, in its input's gradient. Both add up
// over the taps that reach a pixel of the result (y, or dx) the numbers at a place of the source (x, or dy), which every
// tap moves by one:
//   y[oh] takes x[oh·stride − pad + a],   dx[h] takes dy[(h + pad − a) / stride]
// where that division is exact. So the pixels of dx fall into stride² phases, each with its own taps; a workgroup
// computes pixels of one phase, and no tap is tried in vain. A kernel brings GRADIENT and the uniform `params`, and its
// tile's library TILE_M pixels and TILE_N channels of a workgroup.
struct TapWalk {
  phase: vec2u, // of the result's pixels; 0 in the convolution
  size: vec2u, // the result's rows and columns of pixels, of that phase
  first_tap: vec2u,
  taps: vec2u, // rows and columns of taps
  source_size: vec2i,
}

fn tap_walk(phase_number: u32) -> TapWalk {
  if (!GRADIENT) {
    let source_size = vec2i(vec2u(params.height, params.width));
    return TapWalk(vec2u(), vec2u(params.out_height, params.out_width), vec2u(), vec2u(params.kernel), source_size);
  }
  let phase = vec2u(phase_number / params.stride, phase_number % params.stride);
  let size = (vec2u(params.height, params.width) + params.stride - 1u - phase) / params.stride;
  let first_tap = (phase + params.pad) % params.stride;
  let taps = (max(vec2u(params.kernel), first_tap) - first_tap + params.stride - 1u) / params.stride;
  return TapWalk(phase, size, first_tap, taps, vec2i(vec2u(params.out_height, params.out_width)));
}

// Row and column in the source where a pixel of the result meets the first tap, and the first line of its image.
fn origin_of(walk: TapWalk, pixel: u32) -> vec3i {
  let line = pixel / walk.size.y;
  let place = vec2u(line % walk.size.x, pixel % walk.size.y);
  let image = i32(line / walk.size.x) * walk.source_size.x;
  if (GRADIENT) { return vec3i(vec2i(place + (walk.phase + params.pad - walk.first_tap) / params.stride), image); }
  return vec3i(vec2i(place * params.stride) - i32(params.pad), image);
}

// The index of a source pixel, and −1 on the padding; `tap` counts those of the walk.
fn source_pixel(walk: TapWalk, origin: vec3i, tap: u32) -> i32 {
  let step = vec2i(vec2u(tap / walk.taps.y, tap % walk.taps.y));
  let place = select(origin.xy + step, origin.xy - step, GRADIENT);
  let inside = all(place >= vec2i()) && all(place < walk.source_size);
  return select(-1, (origin.z + place.x) * walk.source_size.y + place.y, inside);
}

// The index of a tap of the walk among the kernel's.
fn weight_tap(walk: TapWalk, tap: u32) -> u32 {
  if (!GRADIENT) { return tap; }
  let row_column = walk.first_tap + params.stride * vec2u(tap / walk.taps.y, tap % walk.taps.y);
  return row_column.x * params.kernel + row_column.y;
}

// The index of a result's pixel among those of all phases.
fn result_pixel(walk: TapWalk, pixel: u32) -> u32 {
  if (!GRADIENT) { return pixel; }
  let line = pixel / walk.size.y;
  let row = line % walk.size.x * params.stride + walk.phase.x;
  let column = pixel % walk.size.y * params.stride + walk.phase.y;
  return (line / walk.size.x * params.height + row) * params.width + column;
}

// What the workgroup's lanes share, from begin_walk on.
var<private> walk: TapWalk;
var<private> pixels: u32; // of the result
var<private> total: u32; // k
var<private> first_pixel: u32; // of the workgroup
var<private> first_channel: u32;

struct Extent {
  is_empty: bool, // there is no pixel for this workgroup
  total: u32, // k
}

// Once for every workgroup. @param channels of the source that one tap meets, which count k
fn begin_walk(group: vec3u, channels: u32) -> Extent {
  let own = tap_walk(group.z);
  let count = params.batch * own.size.x * own.size.y;
  let products = own.taps.x * own.taps.y * channels;
  walk = own;
  pixels = count;
  total = products;
  first_pixel = group.x * TILE_M;
  first_channel = group.y * TILE_N;
  return Extent(group.x * TILE_M >= count, products);
}
