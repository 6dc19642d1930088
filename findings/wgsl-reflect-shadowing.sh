#!/usr/bin/env bash
# wgsl_reflect 1.6.0 counts a function's parameter as a use of the binding that it shadows.
#
# Expected: `entry.resources` lists what the entry point uses. A parameter `x` hides a module-scope variable `x` in its
# function (WGSL, 'Declaration and Scope'), so the function does not use that variable; Dawn (webgpu 0.6.2, null backend)
# leaves the binding out of the layout that it derives, and a bind group with it is refused.
# Seen: the binding is listed. Hidden by a `let` in the entry itself it is not.
# kindred: layouts are explicit and hold what the reflector lists, so a binding too many must be given, not left out;
# shaders/ names no parameter like a binding.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error wgsl_reflect@1.6.0 webgpu@0.6.2 > /dev/null
cat > shadowing.mjs <<'JS'
import { create, globals } from 'webgpu';
import { WgslReflect } from './node_modules/wgsl_reflect/wgsl_reflect.module.js';

Object.assign(globalThis, globals);
const bindings = `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
`;
const cases = {
  parameter: 'fn twice(x: f32) -> f32 { return 2 * x; }\n@compute @workgroup_size(1) fn main() { y[0] = twice(y[0]); }',
  let: '@compute @workgroup_size(1) fn main() { let x = 2.0; y[0] = x; }',
};
const listed = (code) => new WgslReflect(bindings + code).entry.compute[0].resources.map(({ name }) => name).sort().join();
const gpu = create(['backend=null']);
const device = await (await gpu.requestAdapter()).requestDevice();

/** Whether the layout that Dawn derives has a place for the binding 1. */
async function derived(code) {
  const module = device.createShaderModule({ code: bindings + code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE });
  device.pushErrorScope('validation');
  const entries = [0, 1].map((binding) => ({ binding, resource: { buffer } }));
  device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return (await device.popErrorScope()) === null;
}

let asSaid = true;
for (const [name, code] of Object.entries(cases)) {
  const [reflected, used] = [listed(code), await derived(code)];
  console.log(`x hidden by a ${name}: reflected ${reflected}; Dawn ${used ? 'uses' : 'does not use'} x`);
  asSaid &&= !used && reflected === (name === 'parameter' ? 'x,y' : 'y');
}
device.destroy();
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$folder} node shadowing.mjs 2> /dev/null
