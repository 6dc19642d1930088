#!/usr/bin/env bash
# SwiftShader (driver 5.0.0 in @sparticuz/chromium 147.0.0, by webgpu 0.6.2) takes several times as long for 10,000
# instances of a strip of 4 corners as for 10,000 triangles of one call.
#
# Expected: instances of a small quad are the usual way to draw many points, and cost less than the same corners written
# out, since they are fewer.
# Seen: some 25 µs an instance, whatever its size on the picture: five to ten times the time of as many single triangles.
# Mesa's llvmpipe takes about the same time for both.
# kindred: draws each point of its map as one triangle around it, in a single call without instances.
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
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice();
console.log(`adapter: ${adapter.info.description}`);
const code = `
  fn placed(point: u32, place: vec2f) -> vec4f {
    return vec4f(vec2f(f32(point % 100u), f32(point / 100u)) / 50.0 - 1.0 + 0.002 * place, 0.0, 1.0);
  }
  @vertex fn instances(@builtin(vertex_index) corner: u32, @builtin(instance_index) point: u32) -> @builtin(position) vec4f {
    return placed(point, vec2f(f32(corner & 1u), f32(corner >> 1u)));
  }
  @vertex fn triangles(@builtin(vertex_index) vertex: u32) -> @builtin(position) vec4f {
    let corner = vertex % 3u;
    return placed(vertex / 3u, 2.0 * vec2f(f32(corner & 1u), f32(corner >> 1u)));
  }
  @fragment fn red() -> @location(0) vec4f { return vec4f(1.0, 0.0, 0.0, 1.0); }`;
const module = device.createShaderModule({ code });
const target = device.createTexture({ size: [600, 600], format: 'rgba8unorm', usage: GPUTextureUsage.RENDER_ATTACHMENT });
/** Milliseconds of the fastest of twelve frames. */
async function fastest(entryPoint, topology, draw) {
  const pipeline = device.createRenderPipeline({
    layout: 'auto',
    vertex: { module, entryPoint },
    fragment: { module, entryPoint: 'red', targets: [{ format: 'rgba8unorm' }] },
    primitive: { topology },
  });
  let least = Infinity;
  for (let frame = 0; frame < 12; frame++) {
    const began = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view: target.createView(), loadOp: 'clear', storeOp: 'store' }],
    });
    pass.setPipeline(pipeline);
    draw(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}
const instances = await fastest('instances', 'triangle-strip', (pass) => pass.draw(4, 10_000));
const triangles = await fastest('triangles', 'triangle-list', (pass) => pass.draw(30_000));
const ratio = instances / triangles;
console.log(`10,000 instances of 4 corners ${instances.toFixed(1)} ms, 10,000 triangles ${triangles.toFixed(1)} ms: ${ratio.toFixed(1)} times`);
const asSaid = /swiftshader/i.test(adapter.info.description) && ratio > 3;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exit(asSaid ? 0 : 1);
JS
export LD_LIBRARY_PATH="$folder" VK_ICD_FILENAMES="$folder/vk_swiftshader_icd.json" VK_DRIVER_FILES="$folder/vk_swiftshader_icd.json"
node shown.mjs 2> >(grep -v '^Warning: ' >&2)
