import { test } from 'uvu';
import { Engine } from '../../src/autograd/engine.ts';
import { registry } from '../../src/ops/index.ts';
import { check } from '../twins/check.ts';
import { type OpName, twins } from '../twins/index.ts';

// Generated from the registry: an op without a twin does not compile, and no op can be left out.
const engine = await Engine.create();

for (const name of Object.keys(registry) as OpName[]) {
  for (const sample of twins[name]) {
    test(`${name} ${sample.name}: outputs and gradients are those of the float64 twin`, () =>
      check(engine, registry[name], sample));
  }
}

test.after(() => engine.destroy());
test.run();
