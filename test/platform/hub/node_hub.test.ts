import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../../src/errors.ts';
import { nodeHub } from '../../../src/platform/hub/node_hub.ts';
import type { HubAccess } from '../../../src/platform/hub/request.ts';
import type { Hub, HubFile } from '../../../src/platform/platform.ts';
import { fill } from '../../oracle.ts';
import { testIf } from '../../support.ts';
import { gitOf, type LoopbackHub, loopbackHub, sha256Of } from './loopback_hub.ts';

const commit = 'a1'.repeat(20);
const name = 'owner/net';
const weights = new Uint8Array(fill('weights', 400_000, 1, 0).buffer);
const config = '{"architecture":"resnet18"}';
const odd = 'part #1 of 50%?.safetensors';

const server: LoopbackHub = await loopbackHub({
  [name]: {
    commits: {
      [commit]: { 'model.safetensors': weights, 'config.json': config, [odd]: weights.subarray(8) },
    },
    branches: { main: commit, 'refs/pr/1': commit },
    card: { license: 'apache-2.0' },
  },
  'owner/gated': {
    commits: { [commit]: { 'config.json': config } },
    branches: { main: commit },
    gate: 'hf_right',
  },
  'owner/own': {
    commits: { [commit]: { 'config.json': config } },
    branches: { main: commit },
    card: { license: 'other', license_name: 'own-licence' },
  },
});

interface Bench {
  readonly hub: Hub;
  readonly cache: string;
  readonly folder: string;
}

/** Runs the body with a cache of its own; pauses are shortened from seconds to milliseconds. */
async function bench(body: (bench: Bench) => Promise<void>, access: Partial<HubAccess> = {}): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'kindred-hub-'));
  server.asked.length = 0;
  server.fault = undefined;
  const whole = {
    endpoint: server.endpoint,
    token: undefined,
    tokenAdvice: 'set HF_TOKEN',
    pause: 2,
    patience: 500,
    ...access,
  };
  try {
    const hub = nodeHub(async () => whole, cache);
    await body({ hub, cache, folder: join(cache, 'models--owner--net') });
  } finally {
    server.fault = undefined;
    chmodSync(cache, 0o755);
    rmSync(cache, { recursive: true, force: true });
  }
}

const fileOf = async (hub: Hub, wanted = 'model.safetensors'): Promise<HubFile> =>
  (await hub.files(name, commit)).find((file) => file.name === wanted)!;
const fetchWeights = async (hub: Hub, wanted?: string): Promise<void> =>
  hub.fetch({ repository: name, commit, file: await fileOf(hub, wanted) }, () => {});

async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    assert.instance(error, UserError, String((error as Error).stack));
    return (error as Error).message;
  }
  return assert.unreachable('it was not refused') as never;
}

const blobs = (folder: string) => readdirSync(join(folder, 'blobs'));

test('a branch is resolved to its commit, with the licence of its card', async () => {
  await bench(async ({ hub }) => {
    const main = await hub.look(name, 'main');
    assert.equal(main, { repository: name, revision: 'main', commit, licence: 'apache-2.0' });
    assert.is((await hub.look(name, 'refs/pr/1')).commit, commit);
    assert.is((await hub.look('owner/own', 'main')).licence, 'own-licence');
  });
});

test('files have the hashes that the hub states: SHA-256 of large ones, git’s of others', async () => {
  await bench(async ({ hub }) => {
    assert.equal(await fileOf(hub), {
      name: 'model.safetensors',
      bytes: weights.length,
      hash: { kind: 'sha256', hex: sha256Of(weights) },
    });
    assert.equal((await fileOf(hub, 'config.json')).hash, { kind: 'git', hex: gitOf(config) });
  });
});

test('a fetched file lies as huggingface_hub lays it: a blob, a relative link in the snapshot, a ref', async () => {
  await bench(async ({ hub, folder }) => {
    const heard: number[] = [];
    const file = await fileOf(hub);
    await hub.fetch({ repository: name, commit, file }, (bytes) => heard.push(bytes));
    await fetchWeights(hub, 'config.json');
    await hub.keepRef({ repository: name, revision: 'refs/pr/1', commit, licence: undefined });
    await hub.keepAbsent(name, commit, ['preprocessor_config.json']);
    const pointer = join(folder, 'snapshots', commit, 'model.safetensors');
    assert.is(readlinkSync(pointer), join('..', '..', 'blobs', sha256Of(weights)));
    assert.equal(new Uint8Array(readFileSync(pointer)), weights);
    assert.equal(blobs(folder).sort(), [gitOf(config), sha256Of(weights)].sort());
    assert.is(readFileSync(join(folder, 'refs/refs/pr/1'), 'utf8'), commit);
    assert.ok(existsSync(join(folder, '.no_exist', commit, 'preprocessor_config.json')));
    assert.is(heard.at(-1), weights.length);
    assert.ok(heard.every((bytes, at) => at === 0 || bytes > heard[at - 1]!));
    // A second time nothing is asked for.
    const asked = server.asked.length;
    await hub.fetch({ repository: name, commit, file }, () => {});
    assert.is(server.asked.length, asked);
  });
});

test('names with characters that addresses use otherwise are fetched as they are', async () => {
  await bench(async ({ hub, folder }) => {
    await fetchWeights(hub, odd);
    assert.equal(new Uint8Array(readFileSync(join(folder, 'snapshots', commit, odd))), weights.subarray(8));
  });
});

test('the token goes to the hub and to nobody that it sends on to', async () => {
  await bench(
    async ({ hub }) => {
      await hub.look(name, 'main');
      await fetchWeights(hub);
      await fetchWeights(hub, 'config.json');
      const told = (host: string) =>
        server.asked.filter((ask) => ask.host === host).map(({ headers }) => headers.authorization);
      assert.equal(new Set(told('hub')), new Set(['Bearer hf_mine']));
      assert.equal(told('storage'), [undefined]);
    },
    { token: 'hf_mine' },
  );
});

test('a token that does not begin as the hub’s own do is one too', async () => {
  await bench(
    async ({ hub }) => {
      await hub.look(name, 'main');
      assert.is(server.asked[0]!.headers.authorization, 'Bearer company.1');
    },
    { token: 'company.1' },
  );
});

test('a connection that breaks is taken up where it broke', async () => {
  await bench(async ({ hub, folder }) => {
    let breaks = 0;
    server.fault = ({ host, headers }, response, content) => {
      if (host !== 'storage' || ++breaks > 5) return false;
      const from = Number(/(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': content!.length - from,
        ...(from > 0 && { 'content-range': `bytes ${from}-${content!.length - 1}/${content!.length}` }),
      });
      response.write(content!.subarray(from, from + 200_000), () => response.destroy());
      return true;
    };
    await fetchWeights(hub);
    assert.equal(blobs(folder), [sha256Of(weights)]);
    const ranges = server.asked.filter(({ host }) => host === 'storage').map(({ headers }) => headers.range);
    assert.is(ranges[0], undefined);
    assert.ok(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range!)));
  });
});

test('a connection that stays broken leaves a part, from which the next attempt goes on', async () => {
  await bench(async ({ hub, folder }) => {
    server.fault = ({ host, headers }, response, content) => {
      if (host !== 'storage') return false;
      if (headers.range === undefined) {
        response.writeHead(200, { 'content-length': content!.length });
        response.write(content!.subarray(0, 300_000), () => response.destroy());
      } else response.destroy();
      return true;
    };
    assert.match(await refusal(fetchWeights(hub)), /cannot be reached .*what has come is kept, and the same/);
    assert.equal(blobs(folder), [`${sha256Of(weights)}.kindred.incomplete`]);
    assert.not.ok(existsSync(join(folder, 'snapshots', commit, 'model.safetensors')));
    server.fault = undefined;
    server.asked.length = 0;
    await fetchWeights(hub);
    const [range] = server.asked.filter(({ host }) => host === 'storage').map(({ headers }) => headers.range);
    assert.match(range!, /^bytes=\d{5,6}-$/);
    assert.equal(blobs(folder), [sha256Of(weights)]);
  });
});

test('an answer that ends early without a word of its length is not taken for the file', async () => {
  await bench(async ({ hub, folder }) => {
    let cut = 0;
    server.fault = ({ host, headers }, response, content) => {
      if (host !== 'storage' || headers.range !== undefined || cut++ > 0) return false;
      response.writeHead(200, { connection: 'close' });
      response.end(content!.subarray(0, 5000));
      return true;
    };
    await fetchWeights(hub);
    assert.equal(new Uint8Array(readFileSync(join(folder, 'blobs', sha256Of(weights)))), weights);
  });
});

test('a server that passes over ranges, or knows none, sends all of it anew', async () => {
  for (const status of [200, 416]) {
    await bench(async ({ hub, folder }) => {
      mkdirSync(join(folder, 'blobs'), { recursive: true });
      const part = join(folder, 'blobs', `${sha256Of(weights)}.kindred.incomplete`);
      writeFileSync(part, weights.subarray(0, 1000));
      server.fault = ({ host, headers }, response, content) => {
        if (host !== 'storage' || headers.range === undefined) return false;
        response.writeHead(status);
        response.end(status === 200 ? content : undefined);
        return true;
      };
      await fetchWeights(hub);
      assert.equal(new Uint8Array(readFileSync(join(folder, 'blobs', sha256Of(weights)))), weights);
    });
  }
});

test('a part that is damaged, or longer than the file, is begun anew', async () => {
  for (const left of [
    new Uint8Array(1000).fill(7),
    new Uint8Array(weights.length + 9),
    weights.slice().fill(1),
  ]) {
    await bench(async ({ hub, folder }) => {
      mkdirSync(join(folder, 'blobs'), { recursive: true });
      writeFileSync(join(folder, 'blobs', `${sha256Of(weights)}.kindred.incomplete`), left);
      await fetchWeights(hub);
      assert.equal(new Uint8Array(readFileSync(join(folder, 'blobs', sha256Of(weights)))), weights);
    });
  }
});

test('content with another hash is refused, and nothing of it is left', async () => {
  for (const wanted of ['model.safetensors', 'config.json']) {
    await bench(async ({ hub, folder }) => {
      server.fault = (ask, response, content) => {
        if (ask.host !== 'storage' && !ask.path.startsWith('/api/resolve-cache')) return false;
        response.writeHead(200);
        response.end(content!.slice().fill(0x20, 3, 4));
        return true;
      };
      const told = await refusal(fetchWeights(hub, wanted));
      assert.match(told, wanted === 'config.json' ? /its git SHA-1 differs/ : /its SHA-256 differs/);
      assert.equal(blobs(folder), []);
      assert.equal(readdirSync(join(folder, 'snapshots', commit)), []);
    });
  }
});

test('silence counts as a broken connection', async () => {
  await bench(
    async ({ hub }) => {
      server.fault = ({ host }, response, content) => {
        if (host !== 'storage') return false;
        response.writeHead(200, { 'content-length': content!.length });
        response.write(content!.subarray(0, 10));
        return true;
      };
      assert.match(await refusal(fetchWeights(hub)), /cannot be reached \(no more bytes\)/);
    },
    { patience: 80 },
  );
});

test('a hub that is busy is asked again when it says, and no later than a person would wait', async () => {
  await bench(async ({ hub }) => {
    let times = 0;
    server.fault = (_, response) => {
      if (times++ > 1) return false;
      response.writeHead(429, {
        'retry-after': times === 1 ? '0' : new Date(Date.now() - 1000).toUTCString(),
      });
      response.end();
      return true;
    };
    assert.is((await hub.look(name, 'main')).commit, commit);
    assert.is(times, 3);
    server.asked.length = 0;
    server.fault = (_, response) => {
      response.writeHead(429, { 'retry-after': '3600' });
      response.end();
      return true;
    };
    assert.match(
      await refusal(hub.look(name, 'main')),
      /asked too often \(429\): try again in 3600 seconds, or set HF_TOKEN, with which it allows more/,
    );
    assert.is(server.asked.length, 1);
  });
});

test('a hub that is out of order is tried again, then named', async () => {
  await bench(async ({ hub }) => {
    server.fault = (_, response) => {
      response.writeHead(503);
      response.end('<html>busy</html>');
      return true;
    };
    assert.match(
      await refusal(hub.look(name, 'main')),
      /127\.0\.0\.1:\d+ is out of order \(503\): try again/,
    );
    assert.is(server.asked.length, 4);
  });
});

test('what may not be seen, does not exist or is gated is told apart as far as the hub does', async () => {
  await bench(async ({ hub }) => {
    assert.match(
      await refusal(hub.look('owner/none', 'main')),
      /shows no repository owner\/none \(401\): check the name or, if it is private or gated, .* set HF_TOKEN/,
    );
    assert.match(await refusal(hub.look(name, 'v9')), /owner\/net has no revision "v9": http/);
    const [file] = await hub.files('owner/gated', commit);
    const place = { repository: 'owner/gated', commit, file: file! };
    assert.match(
      await refusal(hub.fetch(place, () => {})),
      /owner\/gated is gated: accept its licence at http:\S+\/owner\/gated, and set HF_TOKEN/,
    );
  });
  await bench(
    async ({ hub }) => {
      assert.match(
        await refusal(hub.look('owner/none', 'main')),
        /\(404\): check the name and, if .* whether the token may read it/,
      );
    },
    { token: 'hf_secret' },
  );
});

test('no network, and what is no hub, are told', async () => {
  await bench(
    async ({ hub }) => {
      assert.match(
        await refusal(hub.look(name, 'main')),
        /127\.0\.0\.1:9 cannot be reached \(.+\): look to the connection/,
      );
    },
    { endpoint: 'http://127.0.0.1:9' },
  );
  await bench(async ({ hub }) => {
    server.fault = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>sign in to the network of this hotel</html>');
      return true;
    };
    assert.match(await refusal(hub.look(name, 'main')), /says of owner\/net what no hub of models says/);
  });
});

test('a full disk is told, and what filled it is taken away', async () => {
  const handle = await open(process.argv[1]!);
  const kind = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const { write } = kind;
  await bench(async ({ hub, folder }) => {
    let left = 100_000;
    kind.write = async function (this: FileHandle, ...given: unknown[]) {
      if ((left -= given[2] as number) < 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return (write as (...all: unknown[]) => Promise<never>).apply(this, given);
    } as typeof write;
    try {
      assert.match(
        await refusal(fetchWeights(hub)),
        /blobs\S+ cannot be written, since the disk is full: free/,
      );
    } finally {
      kind.write = write;
    }
    assert.ok(left < 0);
    assert.equal(blobs(folder), []);
    assert.equal(readdirSync(join(folder, 'snapshots', commit)), []);
  });
});

test('two that fetch the same wait for each other, and it comes once', async () => {
  await bench(async ({ hub, cache }) => {
    const waited: string[] = [];
    const fetchOne = (who: string) =>
      hub.alone(
        name,
        () => fetchWeights(hub),
        () => waited.push(who),
      );
    await Promise.all([fetchOne('a'), fetchOne('b')]);
    assert.is(waited.length, 1);
    assert.is(server.asked.filter(({ host }) => host === 'storage').length, 1);
    assert.equal(readdirSync(join(cache, '.locks', 'models--owner--net')), []);
  });
});

testIf(
  process.getuid?.() !== 0,
  'root may write anywhere',
  'a cache that cannot be written is told',
  async () => {
    await bench(async ({ hub, cache }) => {
      chmodSync(cache, 0o555);
      assert.match(await refusal(fetchWeights(hub)), /cannot be written: set HF_HOME to a folder that can/);
      assert.match(
        await refusal(
          hub.alone(
            name,
            async () => {},
            () => {},
          ),
        ),
        /cannot be written: set HF_HOME/,
      );
    });
  },
);

test.after(() => server.close());
test.run();
