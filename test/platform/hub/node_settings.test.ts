import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../../src/errors.ts';
import { hubAccess, hubCache, hubEndpoint, hubOffline } from '../../../src/platform/hub/node_settings.ts';

// Held against what huggingface_hub's constants.py makes of the same variables.

test('the cache lies where the first of the variables says, with ~ and $NAME filled in', () => {
  assert.is(hubCache({}), join(homedir(), '.cache/huggingface/hub'));
  assert.is(hubCache({ XDG_CACHE_HOME: '/x' }), '/x/huggingface/hub');
  assert.is(hubCache({ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }), '/h/hub');
  assert.is(hubCache({ HF_HOME: '~/h' }), join(homedir(), 'h/hub'));
  assert.is(hubCache({ HF_HOME: '$SCRATCH/h', SCRATCH: '/s' }), '/s/h/hub');
  assert.is(hubCache({ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }), '/old');
  assert.is(hubCache({ HF_HUB_CACHE: '/new', HUGGINGFACE_HUB_CACHE: '/old' }), '/new');
});

test('the hub is offline where a variable says yes', () => {
  for (const yes of ['1', 'ON', 'yes', 'True'])
    assert.is(hubOffline({ HF_HUB_OFFLINE: yes }), 'HF_HUB_OFFLINE is set');
  for (const no of [undefined, '', '0', 'no', 'false'])
    assert.is(hubOffline({ HF_HUB_OFFLINE: no }), undefined);
  assert.is(hubOffline({ TRANSFORMERS_OFFLINE: '1' }), 'TRANSFORMERS_OFFLINE is set');
});

test('another hub is an address without a slash at its end', () => {
  assert.is(hubEndpoint({}), 'https://huggingface.co');
  assert.is(hubEndpoint({ HF_ENDPOINT: 'https://mirror.example/hf//' }), 'https://mirror.example/hf');
  for (const wrong of ['mirror.example', 'ftp://mirror.example', 'file:///etc'])
    assert.throws(
      () => hubEndpoint({ HF_ENDPOINT: wrong }),
      (error: Error) => error instanceof UserError && /HF_ENDPOINT is no web address/.test(error.message),
    );
});

test('the token is the variable’s, else that of the file that logging in left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-token-'));
  try {
    writeFileSync(join(folder, 'token'), ' hf_file\n');
    const token = async (env: Record<string, string>) => (await hubAccess(env)).token;
    assert.is(await token({ HF_HOME: folder }), 'hf_file');
    assert.is(await token({ HF_HOME: folder, HF_TOKEN: 'hf_own\r\n' }), 'hf_own');
    assert.is(await token({ HF_HOME: '/nowhere', HF_TOKEN_PATH: join(folder, 'token') }), 'hf_file');
    assert.is(await token({ HF_HOME: '/nowhere', HF_TOKEN: ' ' }), undefined);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a token that no header takes is refused without being told', async () => {
  for (const wrong of ['hf_se cret', 'hf_s\u00e9cret', 'hf_se\ncret']) {
    const error: unknown = await hubAccess({ HF_TOKEN: wrong, HF_HOME: '/nowhere' }).catch(
      (thrown) => thrown,
    );
    assert.instance(error, UserError);
    assert.match((error as Error).message, /the token of the hub \(HF_TOKEN\) holds characters/);
    assert.not.match((error as Error).message, 'cret');
  }
});

test.run();
