// A map of points: each is a disc of its colour or, where it has a picture, that picture in a frame of its colour.
// Each is a single triangle around its square: software adapters spend their time on setting triangles up, and SwiftShader
// ten times as much on instances of few corners.

struct View {
  // Canvas coordinates (−1 … 1, y up) of a point are `scale · point + offset`.
  scale: vec2f,
  offset: vec2f,
  // Half the sides of a disc's and of a picture's square, in canvas coordinates.
  disc: vec2f,
  picture: vec2f,
  // How far points have come on the way from where they were, 0 … 1.
  progress: f32,
  // Pictures in a row of the atlas, and the share of a picture's side that its frame takes.
  columns: u32,
  frame: f32,
  // The share of a disc's radius over which its edge fades.
  edge: f32,
}

@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> earlier: array<vec2f>;
@group(0) @binding(2) var<storage, read> points: array<vec2f>;
// Four bytes each: red in the lowest, then green, blue and opacity.
@group(0) @binding(3) var<storage, read> colours: array<u32>;
// Number of the point's picture in the atlas, −1 where it has none.
@group(0) @binding(4) var<storage, read> pictures: array<i32>;
@group(0) @binding(5) var atlas: texture_2d<f32>;
@group(0) @binding(6) var between: sampler;

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) place: vec2f,
  @location(1) @interpolate(flat) point: u32,
}

@vertex
fn corner(@builtin(vertex_index) vertex: u32) -> Corner {
  let point = vertex / 3u;
  // One triangle around the square from −1 to 1.
  let number = vertex % 3u;
  let place = vec2f(f32(number & 1u), f32(number >> 1u)) * 4.0 - 1.0;
  let middle = view.scale * mix(earlier[point], points[point], view.progress) + view.offset;
  let half = select(view.disc, view.picture, pictures[point] >= 0);
  return Corner(vec4f(middle + half * place, 0.0, 1.0), place, point);
}

@fragment
fn shade(corner: Corner) -> @location(0) vec4f {
  let colour = unpack4x8unorm(colours[corner.point]);
  let picture = pictures[corner.point];
  let outermost = max(abs(corner.place.x), abs(corner.place.y));
  if (outermost > 1.0) {
    discard;
  }
  if (picture < 0) {
    let alpha = colour.a * (1.0 - smoothstep(1.0 - view.edge, 1.0, length(corner.place)));
    return vec4f(colour.rgb * alpha, alpha);
  }
  if (outermost > 1.0 - view.frame) {
    return vec4f(colour.rgb * colour.a, colour.a);
  }
  let tile = vec2f(f32(u32(picture) % view.columns), f32(u32(picture) / view.columns));
  let texel = 0.5 / vec2f(textureDimensions(atlas));
  let columns = f32(view.columns);
  // The first row of a picture is its top.
  let inside = vec2f(0.5, 0.5) + vec2f(0.5, -0.5) * corner.place / (1.0 - view.frame);
  let place = clamp((tile + inside) / columns, tile / columns + texel, (tile + 1.0) / columns - texel);
  let seen = textureSampleLevel(atlas, between, place, 0.0);
  return vec4f(seen.rgb * colour.a, colour.a);
}
