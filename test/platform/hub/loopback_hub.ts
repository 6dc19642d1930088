import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// A hub on this machine that answers as huggingface.co does: its API, small files behind a redirect on its own host, large
// ones behind one to another host with its own ETags, which takes ranges. Faults are put in its way by `fault`.

/** A repository: its files by commit, and which commit its branches are. */
export interface Repository {
  readonly commits: Readonly<Record<string, Readonly<Record<string, Uint8Array | string>>>>;
  readonly branches: Readonly<Record<string, string>>;
  /** Which commit changed a file last; the one that is asked for where that is not said. */
  readonly changed?: Readonly<Record<string, string>>;
  readonly card?: Readonly<Record<string, unknown>>;
  /** Only who has this token sees it. */
  readonly token?: string;
  /** Everybody sees it, and only who has this token gets its files. */
  readonly gate?: string;
}

/** A request that came: to which of the two hosts, for what, and with which headers. */
export interface Asked {
  readonly host: 'hub' | 'storage';
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** Answers a request otherwise than it should be. @returns whether it did */
export type Fault = (asked: Asked, response: ServerResponse, content?: Uint8Array) => boolean;

export interface LoopbackHub {
  readonly endpoint: string;
  readonly asked: Asked[];
  readonly repositories: Record<string, Repository>;
  fault: Fault | undefined;
  close(): Promise<void>;
}

/** Files larger than this are in the large storage, as `.gitattributes` has it for weights. */
const isLarge = (name: string): boolean => /\.(safetensors|bin)$/.test(name);

const bytesOf = (content: Uint8Array | string): Uint8Array =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;
export const sha256Of = (content: Uint8Array | string): string =>
  createHash('sha256').update(bytesOf(content)).digest('hex');
/** What git calls a file's content by. */
export const gitOf = (content: Uint8Array | string): string =>
  createHash('sha1')
    .update(`blob ${bytesOf(content).length}\0`)
    .update(bytesOf(content))
    .digest('hex');

export async function loopbackHub(repositories: Record<string, Repository>): Promise<LoopbackHub> {
  const asked: Asked[] = [];
  const hub: LoopbackHub = {
    endpoint: '',
    asked,
    repositories,
    fault: undefined,
    close: async () => void (await Promise.all([end(front), end(storage)])),
  };
  const refuse = (response: ServerResponse, status: number, code: string, error: string) => {
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'x-error-code': code,
      'x-error-message': error,
    });
    response.end(JSON.stringify({ error }));
  };
  const json = (response: ServerResponse, value: unknown) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(value));
  };
  const storage = createServer((request, response) => {
    const path = request.url!;
    const [, name, commit, ...file] = decodeURIComponent(new URL(path, 'http://x').pathname).split('/');
    const content = bytesOf(hub.repositories[name!.replace('--', '/')]!.commits[commit!]![file.join('/')]!);
    const ask: Asked = { host: 'storage', path, headers: request.headers };
    asked.push(ask);
    if (hub.fault?.(ask, response, content)) return;
    sendContent(request, response, content, `"${sha256Of(content).slice(0, 32)}-6"`);
  });
  const front = createServer(async (request, response) => {
    const path = request.url!;
    const ask: Asked = { host: 'hub', path, headers: request.headers };
    asked.push(ask);
    const parts = new URL(path, 'http://x').pathname.split('/').slice(1).map(decodeURIComponent);
    const isApi = parts[0] === 'api';
    if (isApi) parts.splice(0, 2);
    const [owner, short, room, ref, ...file] = parts as [string, string, string, string, ...string[]];
    const name = `${owner}/${short}`;
    const repository = hub.repositories[name];
    const token = request.headers.authorization?.replace('Bearer ', '');
    const commit = repository?.branches[ref] ?? ref;
    const files = repository?.commits[commit];
    const content = files?.[file.join('/')];
    if (hub.fault?.(ask, response, content === undefined ? undefined : bytesOf(content))) return;
    if (!repository || (repository.token !== undefined && repository.token !== token))
      return refuse(response, token ? 404 : 401, 'RepoNotFound', 'Invalid username or password.');
    if (!files) return refuse(response, 404, 'RevisionNotFound', `Invalid rev id: ${ref}`);
    if (room === 'revision')
      return json(response, {
        _id: '621ffdc136468d709f17ddb4',
        id: name,
        sha: commit,
        private: false,
        gated: repository.gate ? 'manual' : false,
        downloads: 1,
        likes: 0,
        lastModified: '2024-01-01T00:00:00.000Z',
        ...(repository.card && { cardData: repository.card }),
        tags: ['safetensors'],
      });
    if (room === 'tree' || room === 'paths-info') {
      const wanted: string[] = room === 'tree' ? Object.keys(files) : (await bodyOf(request)).paths;
      return json(
        response,
        Object.entries(files)
          .filter(([path]) => wanted.includes(path))
          .map(([path, content]) => ({
            lastCommit: {
              id: repository.changed?.[path] ?? commit,
              title: 'a change',
              date: '2024-01-01T00:00:00.000Z',
            },
            type: 'file',
            oid: gitOf(content),
            size: bytesOf(content).length,
            path,
            ...(isLarge(path) && {
              lfs: { oid: sha256Of(content), size: bytesOf(content).length, pointerSize: 134 },
              xetHash: sha256Of(`xet ${path}`),
            }),
          })),
      );
    }
    if (content === undefined) return refuse(response, 404, 'EntryNotFound', 'Entry not found');
    if (repository.gate !== undefined && repository.gate !== token)
      return refuse(response, 401, 'GatedRepo', `Access to model ${name} is restricted.`);
    const linked = { 'x-repo-commit': commit, 'accept-ranges': 'bytes' };
    if (isLarge(file.join('/'))) {
      const at = `${addressOf(storage, 'localhost')}/${name.replace('/', '--')}/${commit}/${file.map(encodeURIComponent).join('/')}?signed=1`;
      response.writeHead(302, {
        ...linked,
        location: at,
        'x-linked-etag': `"${sha256Of(content)}"`,
        'x-linked-size': bytesOf(content).length,
      });
      return response.end();
    }
    if (room === 'resolve') {
      response.writeHead(307, {
        ...linked,
        location: `/api/resolve-cache/${name}/resolved/${commit}/${file.map(encodeURIComponent).join('/')}`,
      });
      return response.end();
    }
    response.setHeader('x-repo-commit', commit);
    return sendContent(request, response, bytesOf(content), `"${gitOf(content)}"`);
  });
  await Promise.all([listen(storage), listen(front)]);
  return Object.assign(hub, { endpoint: addressOf(front) });
}

async function bodyOf(request: IncomingMessage) {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return JSON.parse(text);
}

/** A file's content, or the range of it that is asked for. */
export function sendContent(
  request: Pick<IncomingMessage, 'headers'>,
  response: ServerResponse,
  content: Uint8Array,
  etag: string,
): void {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const headers = { etag, 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream' };
  const tag = request.headers['if-range'];
  if (request.headers.range === undefined || (tag !== undefined && tag !== etag)) {
    response.writeHead(200, { ...headers, 'content-length': content.length });
    response.end(content);
  } else if (from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` });
    response.end();
  } else {
    response.writeHead(206, {
      ...headers,
      'content-length': content.length - from,
      'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    });
    response.end(content.subarray(from));
  }
}

const addressOf = (server: Server, host = '127.0.0.1'): string =>
  `http://${host}:${(server.address() as AddressInfo).port}`;

const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

function end(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
