import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { downloadFileToCacheDir } from '@huggingface/hub';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HubOrigin } from '../../../src/encoder/encoder_card.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { sha256Of } from '../../platform/hub/loopback_hub.ts';
import { bench, first, refusal, second, server } from './hub_repositories.ts';

const textOf = async (path: string | undefined) => new TextDecoder().decode(await nodeFiles.read(path!));

test('nothing is asked of the hub unless somebody says so', async () => {
  await bench(async ({ get, cache }) => {
    assert.match(
      await refusal(get('hf:owner/net')),
      /^owner\/net is not in the cache of the hub \(.*\): add download to fetch it from hub\.example, or let encoder name a folder with its files$/,
    );
    assert.match(
      await refusal(get('resnet18')),
      /^timm\/resnet18\.a1_in1k .* fetch it \(46\.8 MB, licence: apache-2\.0\)/,
    );
    assert.match(
      await refusal(get('hf:owner/net@v1', { download: true }, { offline: 'HF_HUB_OFFLINE is set' })),
      /^owner\/net at v1 is not in the cache of the hub \(.*\), and HF_HUB_OFFLINE is set: unset it to fetch/,
    );
    assert.equal(server.asked, []);
    assert.not.ok(existsSync(join(cache, 'models--owner--net')));
  });
});

test('a branch is fetched as its commit: weights, configuration and nothing else; then it is there', async () => {
  await bench(async ({ get }) => {
    const { origin, weights, beside, notes } = await get('hf:owner/net', { download: true });
    assert.is(await textOf(weights), 'new weights');
    assert.is(await textOf(beside('config.json')), '{"new":1}');
    assert.is(beside('README.md'), undefined);
    assert.equal(origin, {
      place: 'hf:owner/net',
      repository: 'owner/net',
      revision: 'main',
      weights: 'model.safetensors',
      licence: 'mit',
      files: {
        'model.safetensors': { commit: second, sha256: sha256Of('new weights') },
        'config.json': { commit: second, sha256: sha256Of('{"new":1}') },
      },
    });
    assert.match(notes.join(), /model\.safetensors \(1 kB\) of commit 222222222222; licence: mit/);
    for (const wish of [{}, { download: true }]) {
      const again = await get('hf:owner/net', wish);
      assert.equal(again.asked, []);
      assert.match(again.notes.join(), /from the cache of the hub/);
      assert.is(await textOf(again.weights), 'new weights');
    }
    assert.is(await textOf((await get('hf:owner/net@v1', { download: true })).weights), 'old weights');
    assert.equal((await get(`hf:owner/net@${first}`)).asked, []);
  });
});

test('a person at the terminal is asked, with size and licence, and a no leaves nothing', async () => {
  await bench(async ({ get, cache }) => {
    assert.match(
      await refusal(get('hf:owner/net', {}, { answer: false })),
      /^owner\/net was not fetched: name/,
    );
    assert.not.ok(existsSync(join(cache, 'models--owner--net')));
    const { questions, weights } = await get('hf:owner/net', {}, { answer: true });
    assert.match(
      questions[0]!,
      /^owner\/net is not in the cache: fetch 1 kB from hub\.example into .*\? licence: mit$/,
    );
    assert.is(await textOf(weights), 'new weights');
    const more = await get('hf:owner/net', {}, { answer: true });
    assert.equal(more.questions, []);
  });
});

test('files that @huggingface/hub left under several commits and without a ref are one encoder', async () => {
  await bench(async ({ get, cache }) => {
    const { debug } = console;
    console.debug = () => {};
    for (const path of ['config.json', 'model.safetensors'])
      await downloadFileToCacheDir({ repo: 'owner/net', path, hubUrl: server.endpoint, cacheDir: cache });
    console.debug = debug;
    assert.equal(
      [first, second].map((commit) => existsSync(join(cache, 'models--owner--net/snapshots', commit))),
      [true, true],
    );
    const { origin, asked, beside } = await get('hf:owner/net');
    assert.equal(asked, []);
    assert.is(await textOf(beside('config.json')), '{"new":1}');
    assert.equal(
      Object.entries(origin.files).map(([name, { commit }]) => [name, commit]),
      [
        ['model.safetensors', second],
        ['config.json', first],
      ],
    );
    assert.match(await refusal(get('hf:owner/net@v1')), /is not in the cache/);
  });
});

test('of several revisions without a ref none is taken by chance', async () => {
  await bench(async ({ get, cache }) => {
    await get(`hf:owner/net@${first}`, { download: true });
    await get(`hf:owner/net@${second}`, { download: true });
    assert.not.ok(existsSync(join(cache, 'models--owner--net/refs')));
    assert.match(
      await refusal(get('hf:owner/net')),
      /holds several revisions of model\.safetensors and does not say which is main: name one as hf:owner\/net@1{40}$/,
    );
    assert.is(await textOf((await get(`hf:owner/net@${second}`)).weights), 'new weights');
  });
});

test('of a revision that is there in part only the rest is fetched', async () => {
  await bench(async ({ get, cache }) => {
    await get('hf:owner/net', { download: true });
    const folder = join(cache, 'models--owner--net');
    rmSync(join(folder, 'snapshots', second, 'model.safetensors'));
    assert.match(await refusal(get('hf:owner/net')), /is not in the cache/);
    const { asked } = await get('hf:owner/net', { download: true });
    assert.not.ok(asked.some((path) => path.includes('/resolve/')));
    rmSync(join(folder, 'snapshots', second, 'config.json'));
    const without = await get('hf:owner/net');
    assert.equal(Object.keys(without.origin.files), ['model.safetensors']);
    // A missing preprocessor_config.json was kept as missing.
    assert.not.match(without.notes.join(), /is not stated/);
    rmSync(join(folder, '.no_exist'), { recursive: true });
    const unsaid = await get('hf:owner/net');
    assert.match(
      unsaid.notes[0]!,
      /has no config\.json or preprocessor_config\.json, so how .* download fetches what there is/,
    );
    const whole = await get('hf:owner/net', { download: true });
    assert.is(await textOf(whole.beside('config.json')), '{"new":1}');
  });
});

test('weights in parts are fetched as their index says', async () => {
  await bench(async ({ get }) => {
    const { weights, beside, questions, origin, asked } = await get('hf:owner/parts', {}, { answer: true });
    assert.match(weights, /model\.safetensors\.index\.json$/);
    assert.is(await textOf(beside('model-00002-of-2.safetensors')), 'two');
    assert.is(origin.weights, 'model.safetensors.index.json');
    assert.not.ok(asked.some((path) => /00003|\.bin/.test(path)));
    assert.is(questions.length, 1);
    assert.equal((await get('hf:owner/parts')).asked, []);
    assert.match(
      await refusal(get('hf:owner/parts@torn', { download: true })),
      /names model-00009\.safetensors, which the repository lacks/,
    );
  });
});

test('without safetensors PyTorch’s file is taken, and without weights nothing', async () => {
  await bench(async ({ get }) => {
    assert.is(await textOf((await get('hf:owner/pickled', { download: true })).weights), 'weights');
    assert.match(
      await refusal(get('hf:owner/none', { download: true })),
      /^owner\/none has no model\.safetensors or pytorch_model\.bin: name a repository/,
    );
  });
});

test('a run finds what it was started with, although the branch has moved on', async () => {
  await bench(async ({ get, cache }) => {
    const { origin } = await get('hf:owner/net@v1', { download: true });
    const recorded: HubOrigin = { ...origin, place: 'hf:owner/net' };
    const kept = await get('hf:owner/net', { recorded });
    assert.is(await textOf(kept.weights), 'old weights');
    rmSync(join(cache, 'models--owner--net'), { recursive: true });
    assert.match(
      await refusal(get('hf:owner/net', { recorded })),
      /^owner\/net at 111111111111, with which the run was started, is not in the cache .*: add download/,
    );
    const again = await get('hf:owner/net', { recorded, download: true });
    assert.equal(again.origin.files, origin.files);
    assert.is(await textOf(again.weights), 'old weights');
    assert.not.ok(existsSync(join(cache, 'models--owner--net/refs/main')));
    const other = {
      ...recorded,
      files: { ...origin.files, 'model.safetensors': { commit: first, sha256: '0'.repeat(64) } },
    };
    assert.match(
      await refusal(get('hf:owner/net', { recorded: other })),
      /^model\.safetensors of owner\/net at 111111111111 is not the file that the run was started with/,
    );
  });
});

test('files of several commits are fetched each of its own', async () => {
  await bench(async ({ get, cache }) => {
    const { origin } = await get('hf:owner/net', { download: true });
    const scattered = { commit: first, sha256: sha256Of('{"old":1}') };
    const recorded = { ...origin, files: { ...origin.files, 'config.json': scattered } };
    rmSync(join(cache, 'models--owner--net'), { recursive: true });
    const { weights, beside } = await get('hf:owner/net', { recorded, download: true });
    assert.is(await textOf(weights), 'new weights');
    assert.is(await textOf(beside('config.json')), '{"old":1}');
  });
});

test('a cache without links holds the files themselves', async () => {
  await bench(async ({ get, cache }) => {
    await get('hf:owner/net', { download: true });
    const folder = join(cache, 'models--owner--net');
    cpSync(join(folder, 'snapshots'), join(folder, 'copies'), { recursive: true, dereference: true });
    rmSync(join(folder, 'snapshots'), { recursive: true });
    rmSync(join(folder, 'blobs'), { recursive: true });
    cpSync(join(folder, 'copies'), join(folder, 'snapshots'), { recursive: true });
    assert.is(await textOf((await get('hf:owner/net')).weights), 'new weights');
  });
});

test.after(() => server.close());
test.run();
