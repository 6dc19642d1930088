// NT-Xent forward and backward, streamed against the plain twin that stores all 2N×2N similarities; and SupCon,
// streamed, with ten classes.
//   node bench/ntxent.mjs [--pairs 64,256,1024,2048] [--dims 128] [--runs 5] [--json]
import { circumstances, interleaved, loadKindred, options, percent, report, spread } from './support.mjs';

const { pairs, dims, runs, json, build } = options({
  pairs: '64,256,1024,2048',
  dims: '64,128',
  runs: 5,
});
const { backward, cosineSimilarity, Engine, measureSpeed, ntXent, softmaxCrossEntropy, supCon, UserError } =
  await loadKindred(build);
const engine = await Engine.create();
const speed = await measureSpeed(engine);
const temperature = 0.5;
const rows = [];
for (const d of dims.split(',').map(Number)) {
  for (const n of pairs.split(',').map(Number)) rows.push(...(await measure(n, d)));
}
report(json, circumstances(engine, speed), rows);
engine.destroy();

async function measure(n, d) {
  const views = 2 * n;
  const store = engine.parameters();
  const data = Float32Array.from(
    { length: views * d },
    (_, i) => Math.sin(12.9898 * i) + 0.3 * Math.cos(0.37 * i),
  );
  const x = store.trainable('views', [views, d], () => data, { decay: false });
  const positives = engine.input(
    [views],
    'u32',
    Uint32Array.from({ length: views }, (_, i) => (i + n) % views),
  );
  const labels = engine.input(
    [views],
    'u32',
    Uint32Array.from({ length: views }, (_, i) => (i % n) % 10),
  );
  const losses = {
    streamed: () => ntXent(x, { temperature }),
    // With the diagonal, which to leave out costs nothing.
    plain: () => softmaxCrossEntropy(cosineSimilarity(x, x), positives, { temperature }),
    supcon: () => supCon(x, labels, { temperature }),
  };
  const programs = {};
  for (const [name, loss] of Object.entries(losses)) {
    const forward = await compile(loss, false);
    if (forward) programs[`${name} forward`] = forward;
    const both = await compile(loss, true);
    if (both) programs[`${name} forward + backward`] = both;
  }
  const times = await interleaved(engine, programs, runs);
  const result = Object.entries(programs).map(([name, program]) => {
    const [variant, ...pass] = name.split(' ');
    // The work that the definition asks for: all similarities once forward, and twice their cost for the gradient.
    const flops = 2 * views * views * d * (pass.length > 1 ? 3 : 1);
    const time = spread(times[name]);
    const gflops = flops / time.median / 1e6;
    return {
      pairs: n,
      d,
      variant,
      pass: pass.join(' '),
      ms: time.median,
      min: time.min,
      max: time.max,
      gflops: Number(gflops.toFixed(1)),
      'of peak': percent((1e9 * gflops) / speed.flops),
      bytes: program.program.plannedBytes,
    };
  });
  for (const program of Object.values(programs)) program.destroy();
  engine.free(positives);
  engine.free(labels);
  return result;
}

/** Undefined where the adapter allows no buffer as large as the program needs. */
async function compile(loss, withGradient) {
  try {
    return await engine.compile(() => {
      const { loss: value } = loss();
      if (withGradient) backward(value);
      return { value };
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (!json) console.log(`left out: ${error.message}`);
    return undefined;
  }
}
