import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { UserError } from '../../../src/errors.ts';
import { nodeHub } from '../../../src/platform/hub/node_hub.ts';
import type { HubAccess } from '../../../src/platform/hub/request.ts';
import type { Hub, HubFile } from '../../../src/platform/platform.ts';
import { fill } from '../../oracle.ts';
import { type LoopbackHub, loopbackHub } from './loopback_hub.ts';

export const commit = 'a1'.repeat(20);
export const name = 'owner/net';
export const weights = new Uint8Array(fill('weights', 400_000, 1, 0).buffer);
export const config = '{"architecture":"resnet18"}';
export const odd = 'part #1 of 50%?.safetensors';

export const server: LoopbackHub = await loopbackHub({
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

export interface Bench {
  readonly hub: Hub;
  readonly cache: string;
  readonly folder: string;
}

/** Runs the body with a cache of its own; pauses are shortened from seconds to milliseconds. */
export async function bench(
  body: (bench: Bench) => Promise<void>,
  access: Partial<HubAccess> = {},
): Promise<void> {
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

export const fileOf = async (hub: Hub, wanted = 'model.safetensors'): Promise<HubFile> =>
  (await hub.files(name, commit)).find((file) => file.name === wanted)!;
export const fetchWeights = async (hub: Hub, wanted?: string): Promise<void> =>
  hub.fetch({ repository: name, commit, file: await fileOf(hub, wanted) }, () => {});

export async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    assert.instance(error, UserError, String((error as Error).stack));
    return (error as Error).message;
  }
  return assert.unreachable('it was not refused') as never;
}

export const blobs = (folder: string) => readdirSync(join(folder, 'blobs'));
