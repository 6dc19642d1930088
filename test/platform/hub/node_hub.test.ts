import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../../support.ts';
import {
  bench,
  blobs,
  commit,
  config,
  fetchWeights,
  fileOf,
  name,
  odd,
  refusal,
  server,
  weights,
} from './hub_bench.ts';
import { gitOf, sha256Of } from './loopback_hub.ts';

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
test.after(() => server.close());
test.run();
