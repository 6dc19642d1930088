import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { platform } from '#platform';

// The runner runs this file first and stops where it fails: without an adapter nearly every other test would too.
test('this machine offers an adapter whose device opens', async () => {
  const adapter = await platform.gpu.requestAdapter();
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  console.log(
    `Adapter: ${description || `${vendor} ${architecture}`}${isFallbackAdapter ? ' (software)' : ''}`,
  );
  const device = await platform.gpu.wait(adapter.requestDevice());
  assert.ok(device.limits.maxComputeInvocationsPerWorkgroup >= 256);
  device.destroy();
});

test.run();
