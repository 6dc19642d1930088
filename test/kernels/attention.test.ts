import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { type Capabilities, Gpu } from '../../src/gpu/device.ts';
import {
  type AttentionShape,
  attention,
  attentionGradient,
  attentionVariant,
  stagedAttention,
} from '../../src/kernels/vit/attention.ts';
import { registry } from '../../src/ops/index.ts';
import { nullGpu } from '../../src/platform/node_driver.ts';
import { check } from '../twins/check.ts';
import { twins } from '../twins/index.ts';

// The gradient suite runs this driver's own form of attention; here run those of a graphics card, whose kernels any adapter
// executes.
const engine = await Engine.create();
const gpu = await Gpu.create(nullGpu());
const capabilities = engine.gpu.capabilities as {
  driver: Capabilities['driver'];
  workgroupBytes: number;
};
const widest = twins.attention.find(({ name }) => name === '1×37, 2 heads of 32')!;

// 37 tokens are three ragged tiles of rows and two blocks.
test('attention and its gradient by staged tiles of 16 rows are the float64 twin’s', async () => {
  capabilities.driver = 'gpu';
  capabilities.workgroupBytes = 12000;
  const shape = { images: 1, tokens: 37, heads: 2, headSize: 32 };
  assert.equal(attentionVariant(engine.gpu.capabilities, shape), { form: 'staged', laneRows: 4 });
  await check(engine, registry.attention, widest);
});

test('a staged tile is the largest that fits workgroup memory, for rows of whole vec4f for each of its lanes', () => {
  const rows = (workgroupBytes: number, headSize: number) =>
    stagedAttention({ workgroupBytes }, { headSize }).map(
      (variant) => 'laneRows' in variant && variant.laneRows,
    );
  assert.equal(rows(49152, 64), [16, 8, 4]);
  assert.equal(rows(32768, 64), [8, 4]);
  assert.equal(rows(16384, 64), []);
  assert.equal(rows(16384, 32), [8, 4]);
  assert.equal(rows(49152, 48), []);
});

test('every staged tile compiles, with the workgroup memory that it is said to need', async () => {
  const shape: AttentionShape = { images: 2, tokens: 257, heads: 6, headSize: 32 };
  const card = { ...gpu.capabilities, driver: 'gpu' as const };
  const fitting = stagedAttention(card, shape);
  assert.ok(fitting.length > 0);
  for (const variant of fitting) {
    const { queries, keys } = attentionGradient(card, shape, variant);
    for (const launch of [attention(card, shape, variant), queries, keys]) {
      await gpu.wait(gpu.pipelines.get(launch));
      gpu.check();
    }
  }
});

test.after(() => {
  engine.destroy();
  gpu.destroy();
});
test.run();
