import { UserError } from '../../errors.ts';
import { isCommit } from '../../formats/hub_cache.ts';
import type { HubFile, HubPlace, HubRevision } from './hub.ts';
import {
  BrokenConnection,
  causeOf,
  type HubAccess,
  type HubSubject,
  hostOf,
  hubFetch,
  unreachable,
} from './request.ts';

// What the hub says of repositories and files comes through its makers' own library. Contents are fetched here: the
// library's download neither goes on where one stopped nor checks a hash, leaves `#`, `?` and `%` of names as they are, and
// takes a whole file for the part that it asked for where a server passes over Range.

/** A file's content from some byte on. */
export interface HubContent {
  /** Where it begins: what was asked for, or 0 where the server sends all of it. */
  readonly start: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Questions to the hub. */
export class HubClient {
  readonly #access: HubAccess;

  constructor(access: HubAccess) {
    this.#access = access;
  }

  /** See `Hub.look`. */
  async look(repository: string, revision: string): Promise<HubRevision> {
    const info = await this.#ask({ repository, revision }, async (options) => {
      const { modelInfo } = await import('./library.ts');
      return modelInfo({
        ...options,
        name: repository,
        revision,
        additionalFields: ['sha', 'cardData', 'tags'],
      });
    });
    const { sha: commit, cardData, tags } = info;
    if (typeof commit !== 'string' || !isCommit(commit)) throw this.#strange(repository);
    return { repository, revision, commit, licence: licenceOf(cardData, tags) };
  }

  /** See `Hub.files`. */
  async files(repository: string, commit: string): Promise<HubFile[]> {
    const found = await this.#ask({ repository, revision: commit }, async (options) => {
      const { listFiles } = await import('./library.ts');
      const files = [];
      for await (const file of listFiles({ ...options, repo: repository, revision: commit }))
        files.push(file);
      return files;
    });
    return found.flatMap(({ path, type, size, oid, lfs }) => {
      if (type !== 'file') return [];
      const hash = lfs ? hashOf('sha256', lfs.oid, 64) : hashOf('git', oid, 40);
      if (!hash || !Number.isSafeInteger(size) || size < 0) throw this.#strange(repository);
      return [{ name: path, bytes: size, hash }];
    });
  }

  /**
   * Opens a file's content. A commit's file never changes and its hash is checked at the end, so nothing is asked about
   * its ETag: the storage behind the hub has another than the hub tells.
   * @throws BrokenConnection, also while its body is read; UserError where the hub refuses
   */
  async open({ repository, commit, file }: HubPlace, from: number): Promise<HubContent> {
    const { endpoint, patience = 60_000 } = this.#access;
    const name = file.name.split('/').map(encodeURIComponent).join('/');
    const halt = new AbortController();
    const response = await hubFetch(this.#access, { repository, revision: commit })(
      `${endpoint}/${repository}/resolve/${commit}/${name}`,
      {
        // A compressed answer has another length, and some storages pass over Range for one.
        headers: { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) },
        signal: halt.signal,
      },
    );
    if (response.status === 416) {
      if (from === 0) throw this.#strange(repository);
      return this.open({ repository, commit, file }, 0);
    }
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
    const start = response.status === 206 ? Number(range?.[1]) : 0;
    if (!response.body || Number.isNaN(start) || start > from) throw this.#strange(repository);
    return { start, body: patient(response.body, patience, halt) };
  }

  async #ask<T>(about: HubSubject, body: (options: LibraryOptions) => Promise<T>): Promise<T> {
    try {
      return await body({ hubUrl: this.#access.endpoint, fetch: hubFetch(this.#access, about) });
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (error instanceof BrokenConnection) throw unreachable(this.#access, error.message);
      // The answer is no JSON, or not of the shape that the library expects.
      throw this.#strange(about.repository);
    }
  }

  #strange(repository: string): UserError {
    return new UserError(
      `${hostOf(this.#access.endpoint)} says of ${repository} what no hub of models says: check HF_ENDPOINT, or whether something between answers in its place`,
    );
  }
}

interface LibraryOptions {
  readonly hubUrl: string;
  readonly fetch: typeof fetch;
}

function hashOf(
  kind: 'sha256' | 'git',
  hex: string | undefined,
  digits: number,
): HubFile['hash'] | undefined {
  return hex?.length === digits && /^[0-9a-f]+$/.test(hex) ? { kind, hex } : undefined;
}

/** The licence that a model card states: its own name where it is none of the usual ones. */
function licenceOf(card: unknown, tags: unknown): string | undefined {
  const { license, license_name } = (card ?? {}) as Record<string, unknown>;
  const stated = license === 'other' && typeof license_name === 'string' ? license_name : license;
  const tag = Array.isArray(tags) ? tags.find((text) => /^license:\S/.test(text)) : undefined;
  const said = [stated].flat().filter((text): text is string => typeof text === 'string' && text !== '');
  return said.length > 0 ? said.join(', ') : tag?.slice('license:'.length);
}

/** A body whose silence is a broken connection. */
async function* patient(
  body: ReadableStream<Uint8Array>,
  patience: number,
  halt: AbortController,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const timer = setTimeout(() => halt.abort(), patience);
      const { done, value } = await reader
        .read()
        .catch((error) => {
          throw new BrokenConnection(halt.signal.aborted ? 'no more bytes' : causeOf(error));
        })
        .finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } finally {
    halt.abort();
  }
}
