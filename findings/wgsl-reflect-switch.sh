#!/usr/bin/env bash
# wgsl_reflect 1.6.0 overlooks a binding that an entry point reads in a switch's selector or a loop's break-if alone.
#
# Expected: `entry.resources` lists what the entry point uses. Both are expressions like those of if, while and for (WGSL,
# 'Switch Statement', 'Break-If Statement'); Dawn (webgpu 0.6.2, null backend) uses the binding in each of them.
# Seen: listed for if, while and for; not for `switch (x[0])` and `continuing { break if x[0] > 1; }`.
# kindred: an explicit layout of what is listed fails when the pipeline is made; shaders/ read a binding into a `let` ahead
# of a switch.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error wgsl_reflect@1.6.0 webgpu@0.6.2 > /dev/null
cat > switch.mjs <<'JS'
import { create, globals } from 'webgpu';
import { WgslReflect } from './node_modules/wgsl_reflect/wgsl_reflect.module.js';

Object.assign(globalThis, globals);
const bindings = `@group(0) @binding(0) var<storage, read_write> y: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<u32>;
`;
const cases = {
  if: 'if (x[0] > 1u) { y[0] = 1u; }',
  while: 'while (x[0] > 1u) { y[0] = 1u; }',
  for: 'for (var i = 0u; i < x[0]; i++) { y[0] = 1u; }',
  switch: 'switch (x[0]) { case 1u: { y[0] = 1u; } default: {} }',
  'break if': 'loop { y[0] = 1u; continuing { break if x[0] > 1u; } }',
};
const unseen = ['switch', 'break if'];
const listed = (code) => new WgslReflect(code).entry.compute[0].resources.map(({ name }) => name).sort().join();
const gpu = create(['backend=null']);
const device = await (await gpu.requestAdapter()).requestDevice();

/** Whether the layout that Dawn derives has a place for the binding 1. */
async function derived(code) {
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
  device.pushErrorScope('validation');
  const entries = [0, 1].map((binding) => ({ binding, resource: { buffer } }));
  device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (await device.popErrorScope()) === null;
}

let asSaid = true;
for (const [name, body] of Object.entries(cases)) {
  const code = `${bindings}@compute @workgroup_size(1) fn main() { ${body} }`;
  const [reflected, used] = [listed(code), await derived(code)];
  console.log(`x read in ${name}: reflected ${reflected}; Dawn ${used ? 'uses' : 'does not use'} x`);
  asSaid &&= used && reflected === (unseen.includes(name) ? 'y' : 'x,y');
}
device.destroy();
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$folder} node switch.mjs 2> /dev/null
