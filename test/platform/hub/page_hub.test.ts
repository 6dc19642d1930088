import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageHub } from '../../../src/platform/hub/page_hub.ts';
import { MemoryFiles } from '../../memory_files.ts';
import { commit, config, name, refusal, server, weights } from './hub_bench.ts';

const access = () => ({
  endpoint: server.endpoint,
  token: undefined,
  tokenAdvice: 'drop its folder here',
  pause: 2,
});

test('a page keeps what it fetches in its own files, and nothing before it is whole and right', async () => {
  const files = new MemoryFiles();
  const hub = pageHub(files, access());
  const { licence } = await hub.look(name, 'main');
  assert.is(licence, 'apache-2.0');
  const listed = await hub.files(name, commit);
  let heard = 0;
  for (const file of listed)
    await hub.fetch({ repository: name, commit, file }, (bytes) => {
      heard = Math.max(heard, bytes);
    });
  assert.is(heard, weights.length);
  const folder = `hub/models--owner--net/snapshots/${commit}`;
  assert.equal(await files.read(`${folder}/model.safetensors`), weights);
  assert.is(files.text(`${folder}/config.json`), config);
  await hub.keepRef({ repository: name, revision: 'main', commit, licence });
  assert.is(files.text('hub/models--owner--net/refs/main'), commit);
});

test('a page refuses content with another hash, shorter or longer, and stores nothing', async () => {
  const changes: ((content: Uint8Array) => Uint8Array)[] = [
    (content) => content.slice().fill(0x20, 0, 1),
    (content) => new Uint8Array(content.length + 5),
  ];
  for (const change of changes) {
    const files = new MemoryFiles();
    const hub = pageHub(files, access());
    const listed = await hub.files(name, commit);
    server.fault = ({ host, path }, response, content) => {
      if (host !== 'storage' && !path.startsWith('/api/resolve-cache')) return false;
      response.writeHead(200);
      response.end(change(content!));
      return true;
    };
    for (const file of listed) {
      const told = await refusal(hub.fetch({ repository: name, commit, file }, () => {}));
      assert.match(told, /is not what 127\.0\.0\.1:\d+ says it is/);
    }
    server.fault = undefined;
    assert.is(files.content.size, 0);
  }
});

test('what a page may not see it tells to drop', async () => {
  const hub = pageHub(new MemoryFiles(), access());
  assert.match(
    await refusal(hub.look('owner/none', 'main')),
    /accept its licence at \S+ and drop its folder/,
  );
});

test.after(() => server.close());
test.run();
