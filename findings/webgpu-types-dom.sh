#!/usr/bin/env bash
# @webgpu/types 0.1.74 cannot be checked beside TypeScript 7.0.2's own DOM library.
#
# Expected: its README says to name it in `types`; a strict project of one line then compiles.
# Seen: TypeScript's `lib.dom.d.ts` declares WebGPU too (since 6), as other kinds of declarations, and hundreds of
# duplicates are errors; with `skipLibCheck` they are silent. Without the package the same line compiles as it is.
# kindred: the package is for its own sources, which are checked without looking into libraries; the declarations that
# it ships name only what both libraries declare, and are checked in a test without `skipLibCheck` and without the package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error typescript@7.0.2 @webgpu/types@0.1.74 > /dev/null
echo 'export const queueOf = (device: GPUDevice): GPUQueue => device.queue;' > line.ts
errors() {
  npx tsc --noEmit --strict --target es2023 --module esnext --moduleResolution bundler --lib es2023,dom "$@" line.ts \
    2> /dev/null | grep -c 'error TS' || true
}
both=$(errors --types @webgpu/types)
skipped=$(errors --types @webgpu/types --skipLibCheck)
alone=$(errors --types '')
echo "errors: $both with the package, $skipped with the package and skipLibCheck, $alone without the package"
if [ "$both" -gt 100 ] && [ "$skipped" = 0 ] && [ "$alone" = 0 ]; then
  echo 'as this file says'
else
  echo 'this has changed'
  exit 1
fi
