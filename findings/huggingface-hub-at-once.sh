#!/usr/bin/env bash
# @huggingface/hub 2.17.5: of two downloads of one file into the cache at once, the first to end returns a damaged file.
#
# Expected: downloadFileToCacheDir puts a file into the cache of huggingface_hub, which any number of programs share;
# Python's library writes to a name of the process' own, under a lock, and renames. A path that is returned holds the file.
# Seen: all write to one `HASH.incomplete`, which each empties when it begins. Where the second begins while the first is
# half-way, the first writes on behind a hole: the path that it returns has zeros in its first half, under the name of the
# right content's SHA-256; no length and no hash is checked. The second then fails, as its part has been moved away. Where
# the second is stopped, the damaged file stays in the cache for good.
# kindred: fetches contents itself: one process at a time, each file checked against its hash before it gets its name
# (src/platform/hub/fetch_file.ts, node_hub.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @huggingface/hub@2.17.5 > /dev/null
cat > shown.mjs <<'JS'
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { downloadFileToCacheDir } from '@huggingface/hub';

const content = Buffer.alloc(2_000_000, 'content ');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const commit = '1'.repeat(40);
const half = content.length / 2;
console.debug = () => {};

// A hub on this machine with one file. Of each download it sends the second half when it is told to.
const waiting = [];
const server = createServer((request, response) => {
  if (request.url.includes('/paths-info/')) {
    response.setHeader('content-type', 'application/json');
    const lfs = { oid: sha256(content), size: content.length, pointerSize: 132 };
    const lastCommit = { id: commit, title: '', date: '2026-01-01T00:00:00.000Z' };
    const file = { type: 'file', path: 'net.bin', oid: '0'.repeat(40), size: content.length, lfs, lastCommit };
    return response.end(JSON.stringify([file]));
  }
  if (request.headers.range) {
    response.writeHead(206, { etag: `"${sha256(content)}"`, 'content-range': `bytes 0-0/${content.length}` });
    return response.end(content.subarray(0, 1));
  }
  response.writeHead(200, { 'content-length': content.length });
  const isFirst = waiting.length === 0;
  if (isFirst) response.write(content.subarray(0, half));
  else response.flushHeaders();
  waiting.push(() => response.end(content.subarray(isFirst ? half : 0)));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const hubUrl = `http://127.0.0.1:${server.address().port}`;
const download = () => downloadFileToCacheDir({ repo: 'me/net', path: 'net.bin', hubUrl, cacheDir: 'cache' });
const part = `cache/models--me--net/blobs/${sha256(content)}.incomplete`;
const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const until = async (condition) => {
  for (let i = 0; i < 500 && !condition(); i++) await pause(10);
};

const first = download();
await until(() => sizeOf(part) === half);
const second = download().then(
  () => 'returned',
  (error) => error.code,
);
await until(() => waiting.length === 2 && sizeOf(part) === 0);
waiting[0]();
const bytes = await readFile(await first);
const zeros = bytes.subarray(0, half).every((byte) => byte === 0);
console.log(`the first returned ${bytes.length} bytes, the first half ${zeros ? 'zeros' : 'as it should be'}`);
console.log(`SHA-256 ${sha256(bytes) === sha256(content) ? 'right' : 'wrong'}`);
waiting[1]();
const end = await second;
console.log(`the second: ${end}`);
server.closeAllConnections();
server.close();
const asSaid = zeros && sha256(bytes) !== sha256(content) && end === 'ENOENT';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
