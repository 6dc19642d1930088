// Times kernels in turn with the adapter's own limits and says what share of them each reaches.
import { loadKindred, percent, quantile, round, timed } from './support.mjs';

/** One or two builds of the library, each with an engine: the one that is measured and one to compare with. */
export async function openSides({ build, against }) {
  const folders = against ? [build, against] : [build];
  const sides = [];
  for (const folder of folders) {
    const kindred = await loadKindred(folder);
    sides.push({ kindred, engine: await kindred.Engine.create() });
  }
  return sides;
}

/** At the adapter's limit one program lasts so long; shorter kernels are repeated within a program. */
const shortestProgram = 0.008;
const mostRepeats = 256;

/**
 * @param makeCases of a side: a list of { name, flops, bytes, record }, where `name` holds the table's first columns,
 *   `bytes` what must cross the memory bus at least once, and `record` records the kernels of one call
 * @returns rows, one a case, and the limits that they are shares of, measured in the same turns
 */
export async function measure(sides, makeCases, runs) {
  const [{ engine, kindred }] = sides;
  const yardsticks = await kindred.yardsticks(engine);
  const limits = { flops: [], bandwidth: [], cpuFlops: [], cpuBandwidth: [] };
  const sampleLimits = async () => {
    const arithmetic = await timed(engine, () => yardsticks.f32.program.run());
    const copy = await timed(engine, () => yardsticks.copy.program.run());
    limits.flops.push(yardsticks.f32.amount / arithmetic.wall);
    limits.cpuFlops.push(yardsticks.f32.amount / arithmetic.cpu);
    limits.bandwidth.push(yardsticks.copy.amount / copy.wall);
    limits.cpuBandwidth.push(yardsticks.copy.amount / copy.cpu);
  };
  const middle = () =>
    Object.fromEntries(Object.entries(limits).map(([name, values]) => [name, quantile(values, 0.5)]));
  // Some drivers compile at the first run.
  await sampleLimits();
  for (const values of Object.values(limits)) values.length = 0;
  await sampleLimits();

  const entries = [];
  for (const [i, side] of sides.entries()) {
    const made = makeCases(side);
    for (const [j, one] of made.entries()) {
      const least = Math.max(one.flops / limits.flops[0], one.bytes / limits.bandwidth[0]);
      const repeats = Math.min(mostRepeats, Math.max(1, Math.ceil(shortestProgram / least)));
      const program = await side.engine.compile(() => {
        for (let call = 0; call < repeats; call++) one.record();
        return {};
      });
      entries.push({ ...one, side: i, place: j, engine: side.engine, program, repeats, samples: [] });
    }
  }
  for (let run = -1; run < runs; run++) {
    if (run >= 0) await sampleLimits();
    // The cases of both sides alternate.
    for (const entry of entries.toSorted((a, b) => a.place - b.place || a.side - b.side)) {
      const sample = await timed(entry.engine, () => entry.program.run());
      if (run >= 0)
        entry.samples.push({ wall: sample.wall / entry.repeats, cpu: sample.cpu / entry.repeats });
    }
  }
  const known = middle();
  const software = engine.gpu.capabilities.driver !== 'gpu';
  const rows = entries
    .filter(({ side }) => side === 0)
    .map((entry) => {
      const other = entries.find(({ side, place }) => side === 1 && place === entry.place);
      return row(entry, other, known, software);
    });
  for (const { program } of entries) program.destroy();
  yardsticks.destroy();
  return { rows, limits: describeLimits(known, software) };
}

function row({ name, flops, bytes, samples }, other, limits, software) {
  const times = samples.map(({ wall }) => 1e3 * wall);
  const ms = quantile(times, 0.5);
  const compute = flops / limits.flops;
  const memory = bytes / limits.bandwidth;
  const result = {
    ...name,
    ms: round(ms),
    q1: round(quantile(times, 0.25)),
    q3: round(quantile(times, 0.75)),
    'GFLOP/s': round(flops / ms / 1e6),
    'GB/s': round(bytes / ms / 1e6),
    bound: compute > memory ? 'compute' : 'memory',
    'of bound': percent((1e3 * Math.max(compute, memory)) / ms),
  };
  if (software) {
    const cpu = quantile(
      samples.map((sample) => 1e3 * sample.cpu),
      0.5,
    );
    const least = Math.max(flops / limits.cpuFlops, bytes / limits.cpuBandwidth);
    Object.assign(result, { 'cpu ms': round(cpu), 'of bound, cpu': percent((1e3 * least) / cpu) });
  }
  if (other) {
    const ratios = samples.map((sample, i) => other.samples[i].cpu / sample.cpu);
    const walls = samples.map((sample, i) => other.samples[i].wall / sample.wall);
    result['faster than the other'] = round(quantile(walls, 0.5));
    if (software) result['… by cpu'] = round(quantile(ratios, 0.5));
    result.ratios = software ? ratios : walls;
  }
  return result;
}

function describeLimits(limits, software) {
  const wall = { peakGflops: round(limits.flops / 1e9), copyGBs: round(limits.bandwidth / 1e9) };
  if (!software) return wall;
  return {
    ...wall,
    peakGflopsCpuSecond: round(limits.cpuFlops / 1e9),
    copyGBsCpuSecond: round(limits.cpuBandwidth / 1e9),
  };
}
