#!/usr/bin/env bash
# wgsl_reflect 1.6.0 refuses names that WGSL allows.
#
# Expected: WGSL's address spaces and access modes (`storage`, `read`, …) are words with a meaning in their own places
# only, no keywords (WGSL, 'Context-Dependent Names'), and `block` has no meaning at all; so all of them can name a value.
# Dawn (webgpu 0.6.2, null backend) compiles such shaders.
# Seen: the reflector throws «Expected ';' after statement.» at the line that declares one.
# kindred: shaders/ avoids these names; reflection happens when kindred is built, so a forbidden one fails the build.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error wgsl_reflect@1.6.0 webgpu@0.6.2 > /dev/null
cat > names.mjs <<'JS'
import { create } from 'webgpu';
import { WgslReflect } from './node_modules/wgsl_reflect/wgsl_reflect.module.js';

const names = ['block', 'read', 'write', 'uniform', 'storage', 'function', 'private', 'workgroup', 'plain'];
const shader = (name) => `@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(1) fn main() { let ${name} = 1.0; y[0] = ${name}; }`;
const gpu = create(['backend=null']);
const device = await (await gpu.requestAdapter()).requestDevice();
let asSaid = true;
for (const name of names) {
  const { messages } = await device.createShaderModule({ code: shader(name) }).getCompilationInfo();
  const valid = messages.every(({ type }) => type !== 'error');
  let reflected = 'reflected';
  try {
    new WgslReflect(shader(name));
  } catch (error) {
    reflected = `refused: ${error.message ?? error}`.trim();
  }
  console.log(`let ${name}: ${valid ? 'valid' : 'invalid'} in Dawn, ${reflected}`);
  asSaid &&= valid && reflected.startsWith('refused') === (name !== 'plain');
}
device.destroy();
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$folder} node names.mjs
