import { test } from 'uvu';
import { Engine } from '../../src/autograd/engine.ts';
import type { AnyOp } from '../../src/autograd/tape.ts';
import { registry } from '../../src/ops/index.ts';
import { check } from '../twins/check.ts';
import { type OpName, twins } from '../twins/index.ts';

// The gradient suite with f16 activations, for every op that takes them; skipped where the adapter has no f16.
const engine = await Engine.create();
const perhaps = engine.gpu.capabilities.features.has('shader-f16') ? test : test.skip;

for (const name of Object.keys(registry) as OpName[]) {
  const op: AnyOp = registry[name];
  if (!op.activations) continue;
  for (const sample of twins[name]) {
    perhaps(`${name} ${sample.name} in f16: outputs and gradients are those of the float64 twin`, () =>
      check(engine, op, sample, 'f16'),
    );
  }
}

test.after(() => engine.destroy());
test.run();
