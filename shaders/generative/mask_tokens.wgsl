// use lib/linear.wgsl
// The tokens of an image's visible patches taken out of all, and put back among a token that stands for hidden ones. The
// `leading` tokens before those of the patches are always kept. The visible patches of an image come in the order of their
// ranks, which lie below `visible`.

// What an invocation takes at once: four channels, or one where their number is no multiple of four.
alias Element = vec4f;
const WIDTH = 64u;

struct Params { images: u32, patches: u32, visible: u32, leading: u32, channels: u32 } // channels in elements
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> order: array<u32>; // [images][patches]: which patch has a rank
@group(0) @binding(2) var<storage, read> ranks: array<u32>; // [images][patches]
@group(0) @binding(3) var<storage, read> x: array<Element>;
@group(0) @binding(4) var<storage, read_write> y: array<Element>;

// Where among all tokens of an image the token of the kept ones stands.
fn place_of(image: u32, token: u32) -> u32 {
  if (token < params.leading) { return token; }
  return params.leading + order[image * params.patches + token - params.leading];
}

// Where among the kept tokens the token of all stands; behind the last of them where it is hidden.
fn kept_place(image: u32, token: u32) -> u32 {
  if (token < params.leading) { return token; }
  return params.leading + ranks[image * params.patches + token - params.leading];
}

// y [images][leading + visible] from x [images][leading + patches].
@compute @workgroup_size(WIDTH)
fn gather(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let kept = params.leading + params.visible;
  if (i >= params.images * kept * params.channels) { return; }
  let image = i / params.channels / kept;
  let source = image * (params.leading + params.patches) + place_of(image, i / params.channels % kept);
  y[i] = x[source * params.channels + i % params.channels];
}

// The other way, with zeros where a patch is hidden.
@compute @workgroup_size(WIDTH)
fn spread(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let tokens = params.leading + params.patches;
  if (i >= params.images * tokens * params.channels) { return; }
  let image = i / params.channels / tokens;
  let place = kept_place(image, i / params.channels % tokens);
  let kept = params.leading + params.visible;
  var value = Element();
  if (place < kept) { value = x[(image * kept + place) * params.channels + i % params.channels]; }
  y[i] = value;
}

@group(0) @binding(5) var<storage, read> mask_token: array<Element>; // [channels]
@group(0) @binding(6) var<storage, read> positions: array<Element>; // [leading + patches][channels]

// The other way, with the mask's token where a patch is hidden; then every token has its position added.
@compute @workgroup_size(WIDTH)
fn scatter(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  let tokens = params.leading + params.patches;
  if (i >= params.images * tokens * params.channels) { return; }
  let c = i % params.channels;
  let token = i / params.channels % tokens;
  let image = i / params.channels / tokens;
  let place = kept_place(image, token);
  let kept = params.leading + params.visible;
  var value = mask_token[c];
  if (place < kept) { value = x[(image * kept + place) * params.channels + c]; }
  y[i] = value + positions[token * params.channels + c];
}

// The gradient of the mask's token, one image a part: the sum over its hidden patches.
@compute @workgroup_size(WIDTH)
fn hidden_sums(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = linear(group, groups, lane, WIDTH);
  if (i >= params.images * params.channels) { return; }
  let image = i / params.channels;
  var sum = Element();
  for (var rank = params.visible; rank < params.patches; rank++) {
    let token = params.leading + order[image * params.patches + rank];
    sum += x[(image * (params.leading + params.patches) + token) * params.channels + i % params.channels];
  }
  y[i] = sum;
}
