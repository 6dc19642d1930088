#!/usr/bin/env bash
# Tint in webgpu 0.6.2 (Dawn; Chromium 156 does the same) gives a `var` without an initialiser in a loop its zero value
# once, not in each turn of the loop.
#
# Expected: WGSL says that a function's variable begins to live when its declaration is reached, and that it then holds the
# zero value where it has no initialiser: `for (…) { var s: f32; … }` begins each turn with 0, as with `var s = f32();`.
# Seen: it holds what the turn before left there; so do arrays and vectors. Both on SwiftShader and on Mesa's llvmpipe, so
# it is the compiler, not the driver. naga had the same fault and mended it in 2026.
# kindred: variables in loops have an initialiser, or are filled before they are read, which a test of all shaders checks.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error webgpu@0.6.2 > /dev/null
npm pack @sparticuz/chromium@147.0.0 --ignore-scripts --loglevel=error > /dev/null
tar -xzf sparticuz-chromium-147.0.0.tgz package/bin/swiftshader.tar.br
node -e "require('fs').writeFileSync('s.tar', require('zlib').brotliDecompressSync(require('fs').readFileSync('package/bin/swiftshader.tar.br')))"
tar -xf s.tar
cat > shown.mjs <<'JS'
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const gpu = create([]);
const device = await (await gpu.requestAdapter()).requestDevice();
/** What three additions of 1 come to in each of four turns. */
async function turns(declaration) {
  const code = `
    @group(0) @binding(0) var<storage, read_write> sums: array<f32>;
    @compute @workgroup_size(1) fn main() {
      for (var turn = 0u; turn < 4u; turn++) {
        ${declaration}
        for (var i = 0u; i < 3u; i++) { s += 1.0; }
        sums[turn] = s;
      }
    }`;
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const read = device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = [{ binding: 0, resource: { buffer } }];
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, read, 0, 16);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  const sums = [...new Float32Array(read.getMappedRange())].join(' ');
  console.log(`${declaration.padEnd(14)} gives ${sums}`);
  return sums;
}
const [without, withOne] = [await turns('var s: f32;'), await turns('var s = f32();')];
const asSaid = without === '3 6 9 12' && withOne === '3 3 3 3';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exit(asSaid ? 0 : 1);
JS
export LD_LIBRARY_PATH="$folder" VK_ICD_FILENAMES="$folder/vk_swiftshader_icd.json" VK_DRIVER_FILES="$folder/vk_swiftshader_icd.json"
node shown.mjs 2> >(grep -v '^Warning: ' >&2)
