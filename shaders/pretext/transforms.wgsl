// use lib/linear.wgsl
// use lib/rng.wgsl
// What predictive tasks do to views [images, side, side, 4]: quarter turns, and patches in another order. Nothing is
// interpolated: every pixel of a result is a pixel of the view. One pixel, or one image, an invocation.

alias Stored = vec4f;
const WIDTH = 64u;
// Slots of an image's random numbers in a step; its views have those below.
const CHOICE_SLOT = 32u;
const PATCH_SLOT = 33u; // one a patch
const CELLS = 9u; // of a grid of three by three

struct Params {
  images: u32, side: u32,
  copies: u32, // results an image
  chosen: u32, // choices that there are
  patch_side: u32, cell: u32, // sides of a patch and of its cell, in pixels
  margin: u32, // least distance of a patch from its cell's upper and left edge
  freedom: u32, // by how many pixels more it may lie
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> numbers: array<u32>; // [images]: which image
@group(0) @binding(2) var<storage, read> counter: array<u32>; // seed, step
@group(0) @binding(3) var<storage, read> x: array<Stored>; // [images][side][side]
@group(0) @binding(4) var<storage, read_write> y: array<Stored>;
@group(0) @binding(5) var<storage, read_write> labels: array<u32>;
@group(0) @binding(6) var<storage, read_write> cells: array<u32>; // [images][copies]
@group(0) @binding(7) var<storage, read> permutations: array<f32>; // [chosen][CELLS]
@group(0) @binding(8) var<storage, read> turns: array<u32>; // [images · copies]
@group(0) @binding(9) var<storage, read> taken: array<u32>; // [images][copies]: cells

fn choice(image: u32) -> u32 {
  return pcg4d(vec4u(counter[0], counter[1], numbers[image], CHOICE_SLOT)).x % params.chosen;
}

// Every image in each of the turns: the row of copy k of image i is k·images + i, its label k.
@compute @workgroup_size(WIDTH)
fn each_turn(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.images * params.copies) { labels[id.x] = id.x / params.images; }
}

// One of the choices an image, by chance.
@compute @workgroup_size(WIDTH)
fn draw_turns(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.images) { labels[id.x] = choice(id.x); }
}

// y = x by so many quarter turns against the clock.
@compute @workgroup_size(WIDTH)
fn rotate(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = linear(group, groups, lane, WIDTH);
  let s = params.side;
  let result = at / (s * s);
  if (result >= params.images * params.copies) { return; }
  let i = at / s % s;
  let j = at % s;
  var source = vec2u(i, j);
  let turn = turns[result];
  switch (turn) {
    case 1u: { source = vec2u(j, s - 1u - i); }
    case 2u: { source = vec2u(s - 1u - i, s - 1u - j); }
    case 3u: { source = vec2u(s - 1u - j, i); }
    default: {}
  }
  y[at] = x[(result % params.images * s + source.x) * s + source.y];
}

// The cell in the middle, and one of its eight neighbours, row by row: its number is the label.
@compute @workgroup_size(WIDTH)
fn draw_neighbours(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.images) { return; }
  let neighbour = choice(id.x);
  labels[id.x] = neighbour;
  cells[2u * id.x] = CELLS / 2u;
  cells[2u * id.x + 1u] = neighbour + select(0u, 1u, neighbour >= CELLS / 2u);
}

// All nine cells in the order of a permutation, whose number is the label.
@compute @workgroup_size(WIDTH)
fn draw_permutations(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.images) { return; }
  let permutation = choice(id.x);
  labels[id.x] = permutation;
  for (var k = 0u; k < CELLS; k++) {
    cells[CELLS * id.x + k] = u32(permutations[CELLS * permutation + k]);
  }
}

// y [images][copies][patch side][patch side]: patches out of their cells, each at a place of its own by chance.
@compute @workgroup_size(WIDTH)
fn cut(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = linear(group, groups, lane, WIDTH);
  let p = params.patch_side;
  let patch_number = at / (p * p);
  if (patch_number >= params.images * params.copies) { return; }
  let image = patch_number / params.copies;
  let slot = PATCH_SLOT + patch_number % params.copies;
  let shift = pcg4d(vec4u(counter[0], counter[1], numbers[image], slot)).xy % vec2u(params.freedom + 1u);
  let cell = taken[patch_number];
  let row = cell / 3u * params.cell + params.margin + shift.x + at / p % p;
  let column = cell % 3u * params.cell + params.margin + shift.y + at % p;
  y[at] = x[(image * params.side + row) * params.side + column];
}

// y = the rows of x from image `margin` on.
@compute @workgroup_size(WIDTH)
fn take(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = linear(group, groups, lane, WIDTH);
  let pixels = params.side * params.side;
  if (at < params.images * pixels) { y[at] = x[params.margin * pixels + at]; }
}
