#!/usr/bin/env bash
# @huggingface/hub 2.17.5 downloads another file where a name holds `#`, and asks a query where it holds `?`.
#
# Expected: listFiles gives the names of a repository's files, and downloadFile takes such a name as `path`. git and the hub
# allow `#`, `?` and `%` in names, and RFC 3986 wants them percent-encoded in a path, as Python's huggingface_hub has done
# since its issue 1161.
# Seen: the name goes into the address as it is. Of `weights#2` the content of `weights` comes, without an error; of
# `weights?2` the hub is asked for `weights` with a query; `100%25` is asked for as `100%`.
# kindred: fetches contents itself, with names encoded (src/platform/hub/client.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @huggingface/hub@2.17.5 > /dev/null
cat > shown.mjs <<'JS'
import { createServer } from 'node:http';
import { downloadFile, listFiles } from '@huggingface/hub';

// A hub on this machine, with four files whose content is their name.
const names = ['weights', 'weights#2', 'weights?2', '100%25'];
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://hub');
  if (pathname.startsWith('/api/models/me/net/tree/')) {
    response.setHeader('content-type', 'application/json');
    const tree = names.map((path) => ({ type: 'file', path, oid: '0'.repeat(40), size: path.length }));
    return response.end(JSON.stringify(tree));
  }
  const name = decodeURIComponent(pathname.replace('/me/net/resolve/main/', ''));
  if (!names.includes(name)) {
    response.writeHead(404, { 'x-error-code': 'EntryNotFound' });
    return response.end();
  }
  const ranged = request.headers.range !== undefined;
  response.writeHead(ranged ? 206 : 200, {
    etag: '"0"',
    ...(ranged && { 'content-range': `bytes 0-0/${name.length}` }),
  });
  response.end(ranged ? name[0] : name);
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const hubUrl = `http://127.0.0.1:${server.address().port}`;
const found = {};
for await (const { path } of listFiles({ repo: 'me/net', hubUrl })) {
  const blob = await downloadFile({ repo: 'me/net', path, hubUrl });
  found[path] = blob ? await blob.text() : 'not found';
  console.log(`${path}: ${found[path]}`);
}
server.close();
const asSaid =
  JSON.stringify(found) ===
  JSON.stringify({ weights: 'weights', 'weights#2': 'weights', 'weights?2': 'weights', '100%25': 'not found' });
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
