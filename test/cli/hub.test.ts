import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { weightsFile } from '../encoder/weights_fixture.ts';
import { loopbackHub } from '../platform/hub/loopback_hub.ts';
import { assertRefused, runKindred, stripedImages, writeFiles } from './support.ts';

// The commands as a person gives them, against a hub on loopback.
const folder = mkdtempSync(join(tmpdir(), 'kindred-hub-cli-'));
const home = mkdtempSync(join(tmpdir(), 'kindred-hub-home-'));
const [first, second] = ['1'.repeat(40), '2'.repeat(40)];
const weights = weightsFile({ depth: 18, width: 4, stem: 'cifar' });
const config = JSON.stringify({
  architecture: 'resnet18',
  pretrained_cfg: {
    input_size: [3, 16, 16],
    interpolation: 'bicubic',
    crop_pct: 1,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
});
const files = { 'model.safetensors': weights, 'config.json': config };
const moved = { ...files, 'model.safetensors': weightsFile({ depth: 18, width: 8, stem: 'cifar' }) };
const branches: Record<string, string> = { main: first };
const server = await loopbackHub({
  'owner/resnet18.a1_in1k': {
    commits: { [first]: files, [second]: moved },
    branches,
    card: { license: 'apache-2.0' },
  },
  'owner/gated': { commits: { [first]: files }, branches, gate: 'hf_right' },
});
writeFiles(folder, {
  ...stripedImages('images', 12),
});
const env = { HF_HOME: home, HF_ENDPOINT: server.endpoint, HF_TOKEN: 'hf_mine', HF_HUB_OFFLINE: '' };
const common =
  '--data images --labels folders --labels-per-class 6 --folds 2 --budget 4 --methods probe,majority --image-size 16 --seed 3';
const encoder = '--encoder hf:owner/resnet18.a1_in1k';
const run = (command: string, more: Record<string, string> = {}) =>
  runKindred(folder, command.split(' '), { ...env, ...more });
const refuse = (command: string, says: RegExp, more: Record<string, string> = {}) =>
  assertRefused(folder, command.split(' '), [says], { device: false, env: { ...env, ...more } });
const read = (...name: string[]) => readFileSync(join(folder, ...name), 'utf8');

test('what the hub has is told before anything else begins, and what to do', async () => {
  const train = `train ${common} --pretext none --out o`;
  await refuse(
    `${train} ${encoder}`,
    /not in the cache of the hub .*: add --download to fetch it from 127\.0\.0\.1:/,
  );
  assert.equal(server.asked, []);
  await Promise.all([
    refuse(
      `${train} --encoder hf:owner/none --download`,
      /shows no repository owner\/none \(404\): check the name/,
    ),
    refuse(`${train} ${encoder}@v9 --download`, /has no revision "v9"/),
    refuse(
      `${train} --encoder hf:owner/gated --download`,
      /owner\/gated is gated: accept its licence at http:\S+ and/,
    ),
    refuse(`${train} --encoder hf:../x --download`, /names no repository of the hub/),
    refuse(
      `${train} --encoder resnet81`,
      /nothing at --encoder resnet81: .*hf:owner\/name for one of the hub, or one of dinov2-small,/,
    ),
    refuse(
      `${train} --encoder owner/resnet18.a1_in1k`,
      /nothing at --encoder owner\S+: .* hf:owner\/resnet18\.a1_in1k for/,
    ),
    refuse(`${train} ${encoder} --download`, /HF_ENDPOINT is no web address/, { HF_ENDPOINT: 'mirror' }),
    refuse(`${train} --weights hf:owner/none --download`, /shows no repository owner\/none/),
    refuse(
      `pretrain --data images --pretext-from hf:owner/none --download --out o`,
      /shows no repository owner\/none/,
    ),
    refuse(
      `${train} ${encoder} --download`,
      /the token of the hub \(HF_TOKEN\) holds characters that no token has/,
      { HF_TOKEN: 'hf_ secret' },
    ),
  ]);
});

test('an encoder of the hub labels; its files, licence and hashes are told, its token is not', async () => {
  const { code, stdout, stderr } = await run(
    `train ${common} --pretext none ${encoder} --download --out hub`,
  );
  assert.is(code, 0, stderr);
  assert.match(stdout, /\* owner\/resnet18\.a1_in1k \+ probe/);
  assert.match(stderr, /model\.safetensors \(0\.2 MB\) of commit 111111111111; licence: apache-2\.0/);
  const { hub, encoders } = JSON.parse(read('hub', 'config.json'));
  assert.is(hub.encoder.repository, 'owner/resnet18.a1_in1k');
  assert.match(hub.encoder.files['model.safetensors'].sha256, /^[0-9a-f]{64}$/);
  assert.equal(encoders[0].origin, hub.encoder);
  assert.is(encoders[0].licence, 'apache-2.0');
  assert.is(encoders[0].from.licence, 'hub');
  assert.match(
    read('hub', 'report.html'),
    /owner\/resnet18\.a1_in1k at 111111111111: model\.safetensors, SHA-256 [0-9a-f]{12}…/,
  );
  for (const text of [stdout, stderr, read('hub', 'config.json'), read('hub', 'report.json')])
    assert.not.match(text, 'hf_mine');
});

test('a later command takes the same files, though the branch has moved on and no hub is there', async () => {
  branches.main = second;
  server.asked.length = 0;
  const { code, stderr } = await run('label --run hub --out again --methods probe,majority --folds 2', {
    HF_ENDPOINT: 'http://127.0.0.1:9',
  });
  assert.is(code, 0, stderr);
  assert.match(stderr, /of commit 111111111111, from the cache of the hub/);
  assert.is(read('again', 'labels.csv'), read('hub', 'labels.csv'));
  rmSync(join(home, 'hub'), { recursive: true });
  await refuse(
    'label --run hub --out third',
    /owner\/resnet18\.a1_in1k at 111111111111, with which the run was started, is not in the cache .*: add --download/,
  );
});

test.after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
  rmSync(home, { recursive: true });
});
test.run();
