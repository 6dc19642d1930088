import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { named, sentence, UserError } from '../errors.ts';

/** A web server on this machine alone. */
export interface LocalServer {
  /** Where browsers find it: `http://127.0.0.1:8390/`. */
  readonly address: string;
  /** Ends it, open connections included. */
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/** The built page, which lies beside the program. */
export const pageFolder = (): string => fileURLToPath(new URL('web', import.meta.url));

/**
 * Serves a folder's files to browsers on this machine. What the page's own `meta` element allows holds as a header too,
 * so that it also covers workers; nobody may frame the page, and it is isolated from other origins.
 * @param port 0 for any that is free
 * @param hub whether the page may reach the hub of models, which it otherwise may not
 * @throws UserError where the folder holds no page, or the port cannot be had
 */
export async function serveFolder(folder: string, port: number, hub = false): Promise<LocalServer> {
  const policy = await policyOf(folder);
  const headers = {
    'content-security-policy': `${hub ? withHub(policy) : policy}; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  };
  const server = createServer(({ method, url, headers: { host } }, response) => {
    const respond = (status: number, type: string, body: Uint8Array | string) => {
      const length = Buffer.byteLength(body);
      response.writeHead(status, { ...headers, 'content-type': type, 'content-length': length });
      response.end(method === 'HEAD' ? undefined : body);
    };
    const refuse = (status: number, text: string) => respond(status, types['.md']!, `${text}\n`);
    if (method !== 'GET' && method !== 'HEAD') refuse(405, 'Only GET and HEAD are answered here.');
    // A page elsewhere may name this machine by a host of its own; its requests come with that name.
    else if (!isThisMachine(host)) refuse(421, 'This server answers to 127.0.0.1 and localhost alone.');
    else answer(folder, url ?? '/', hub, respond, refuse).catch(() => abandon(response));
  });
  await listen(server, port);
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Respond = (status: number, type: string, body: Uint8Array | string) => void;

async function answer(
  folder: string,
  url: string,
  hub: boolean,
  respond: Respond,
  refuse: (status: number, text: string) => void,
): Promise<void> {
  const path = pathIn(url);
  const content = path === undefined ? undefined : await readFile(join(folder, path)).catch(() => undefined);
  if (content === undefined) refuse(404, 'There is no such file.');
  else {
    const isPage = path === '/index.html';
    const body = hub && isPage ? withHub(content.toString('utf8')) : content;
    respond(200, types[extname(path!)] ?? 'application/octet-stream', body);
  }
}

/** The hub's own host, and those of the storage that it sends on to. */
const hubHosts = 'https://huggingface.co https://*.huggingface.co https://*.hf.co';
/** A policy, or a page with one, that lets scripts reach the hub too. */
const withHub = (text: string): string =>
  text.replace("connect-src 'self'", `connect-src 'self' ${hubHosts}`);

/** The path of a file in the folder; undefined where the address leads to none. A URL has no `..` left, unless it is coded. */
function pathIn(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname);
    if (path.includes('\0') || path.includes('\\') || path.split('/').includes('..')) return undefined;
    return path.endsWith('/') ? `${path}index.html` : path;
  } catch {
    return undefined;
  }
}

const isThisMachine = (host = ''): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);

function abandon(response: ServerResponse): void {
  response.destroy();
}

async function policyOf(folder: string): Promise<string> {
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => '');
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page)?.[1];
  if (policy !== undefined) return policy.replace(/\s+/g, ' ').trim();
  throw new UserError(`"${join(folder, 'index.html')}" is not kindred's page: build it with node build.mjs`);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = { EADDRINUSE: 'is taken', EACCES: 'may not be used' };
      const reason = reasons[error.code ?? ''];
      const other = sentence`port ${port} ${reason ?? ''}: give another by ${named('port')}`;
      reject(reason === undefined ? error : new UserError(other, { setting: 'port' }));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}
