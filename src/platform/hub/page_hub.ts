import { toHex } from '../../formats/digest.ts';
import { repositoryFolder } from '../../formats/hub_cache.ts';
import type { Files } from '../platform.ts';
import { HubClient } from './client.ts';
import { type FilePart, fetchFile } from './fetch_file.ts';
import type { Hub, HubFile, HubPlace } from './hub.ts';
import { type HubAccess, hostOf } from './request.ts';

/** The folder of a page's files in which what came from the hub is kept. */
export const pageHubFolder = 'hub';

const hub: HubAccess = {
  endpoint: 'https://huggingface.co',
  token: undefined,
  tokenAdvice: 'fetch it on your computer and drop its folder here: a page has no token',
};

/** The hub as a page reaches it: without a token, with what it fetches in the page's own storage. */
export function pageHub(files: Files, access: HubAccess = hub): Hub {
  const client = new HubClient(access);
  const path = (repository: string, ...parts: string[]) =>
    files.join(pageHubFolder, repositoryFolder(repository), ...parts);
  /** Writes a file of a repository, whose folders are made. */
  const write = async (content: Uint8Array | string, repository: string, ...parts: string[]) => {
    await files.makeFolder(path(repository, ...parts.slice(0, -1)));
    await files.writeAtomic(path(repository, ...parts), content);
  };
  return {
    host: hostOf(access.endpoint),
    cache: pageHubFolder,
    offline: undefined,
    look: (repository, revision) => client.look(repository, revision),
    files: (repository, commit) => client.files(repository, commit),
    async fetch(place: HubPlace, onBytes) {
      const { repository, commit, file } = place;
      const target = path(repository, 'snapshots', commit, file.name);
      if ((await files.stat(target))?.bytes === file.bytes) return;
      const keep = (content: Uint8Array) => write(content, repository, 'snapshots', commit, file.name);
      await fetchFile(client, access, place, new PagePart(keep, file), onBytes);
    },
    async keepRef({ repository, revision, commit }) {
      if (revision !== commit) await write(commit, repository, 'refs', ...revision.split('/'));
    },
    async keepAbsent(repository, commit, names) {
      for (const name of names) await write('', repository, '.no_exist', commit, name);
    },
    alone: (_, body) => body(),
  };
}

/** A part of a file in memory, which is gone with the page: nothing of it is stored before it is whole. */
class PagePart implements FilePart {
  readonly #keep: (content: Uint8Array) => Promise<void>;
  readonly #file: HubFile;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #have = 0;

  constructor(keep: (content: Uint8Array) => Promise<void>, file: HubFile) {
    this.#keep = keep;
    this.#file = file;
    this.#bytes = new Uint8Array(file.bytes);
  }

  get have(): number {
    return this.#have;
  }

  async restart(): Promise<void> {
    this.#have = 0;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#bytes.set(bytes.subarray(0, Math.max(0, this.#bytes.length - this.#have)), this.#have);
    this.#have += bytes.length;
  }

  async isRight(): Promise<boolean> {
    const { bytes, hash } = this.#file;
    if (this.#have !== bytes) return false;
    // What git hashes is the content behind a header.
    const content =
      hash.kind === 'git' ? await new Blob([`blob ${bytes}\0`, this.#bytes]).arrayBuffer() : this.#bytes;
    const digest = await crypto.subtle.digest(hash.kind === 'git' ? 'SHA-1' : 'SHA-256', content);
    return toHex(new Uint8Array(digest)) === hash.hex;
  }

  async place(): Promise<void> {
    await this.#keep(this.#bytes);
  }

  async discard(): Promise<void> {}

  async close(): Promise<void> {}
}
