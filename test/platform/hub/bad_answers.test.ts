import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bench, blobs, commit, fetchWeights, name, refusal, server, weights } from './hub_bench.ts';
import { sha256Of } from './loopback_hub.ts';

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

test.after(() => server.close());
test.run();
