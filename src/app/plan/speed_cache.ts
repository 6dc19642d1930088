import * as v from 'valibot';
import { platform } from '#platform';
import type { Engine } from '../../autograd/engine.ts';
import { adapterKey } from '../../gpu/device.ts';
import { tellUnkept } from '../engine.ts';
import type { Reporter } from '../reporter.ts';
import { type AdapterSpeed, measureSpeed } from './adapter_speed.ts';

const stored = v.record(v.string(), v.object({ flops: v.number(), bandwidth: v.number() }));

/**
 * The adapter's speed, from which sizes follow that the user leaves open. It is measured once and then kept in the
 * user's cache folder: a second measurement would differ a little, and the same command would no longer do the same.
 */
export async function adapterSpeed(engine: Engine, reporter: Reporter): Promise<AdapterSpeed> {
  const known = (await readSpeeds())[adapterKey(engine.gpu.capabilities)];
  return known ?? measureAgain(engine, reporter);
}

/** Measures the adapter anew, and keeps that. */
export async function measureAgain(engine: Engine, reporter: Reporter): Promise<AdapterSpeed> {
  const speed = await measureSpeed(engine);
  const all = { ...(await readSpeeds()), [adapterKey(engine.gpu.capabilities)]: speed };
  tellUnkept(reporter, await platform.cache.write(cacheName, `${JSON.stringify(all, null, 2)}\n`));
  return speed;
}

const cacheName = 'speeds.json';

async function readSpeeds(): Promise<Record<string, AdapterSpeed>> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), stored), await platform.cache.read(cacheName));
  // Not there yet, or damaged: it is measured and written anew.
  return parsed.success ? parsed.output : {};
}
