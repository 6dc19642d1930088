import type { Engine } from '../../autograd/engine.ts';
import { methodBatches } from '../../pretext/method_batches.ts';
import type { PretrainData, PretrainOptions } from '../../pretext/options.ts';
import { PretextTrainer } from '../../pretext/pretext_trainer.ts';
import { methodNamed } from '../../pretext/registry.ts';

/** Steps that are timed, at least and at most, and the seconds behind which no further one is. */
const steps = { least: 3, most: 30, seconds: 3 };

/** Seconds of an epoch of a pretext task on this machine, by a few steps of a model that is then forgotten. */
export async function measurePace(
  engine: Engine,
  data: PretrainData,
  options: PretrainOptions,
): Promise<number> {
  const batches = methodBatches(methodNamed(options.method), data, options);
  const { size, stepsPerEpoch } = batches;
  const trainer = await PretextTrainer.create(engine, data, {
    ...options,
    batch: size,
    steps: stepsPerEpoch,
  });
  try {
    // The first step compiles on some drivers and is not counted.
    trainer.step(batches.at(0), 0, options.learningRate);
    await engine.gpu.idle();
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    let done = 0;
    while (done < steps.least || (done < steps.most && seconds() < steps.seconds)) {
      done++;
      trainer.step(batches.at(done), done, options.learningRate);
      await engine.gpu.idle();
    }
    return (seconds() / done) * stepsPerEpoch;
  } finally {
    trainer.destroy();
  }
}
