// What bench/cluster.mjs runs on each rank: a step of SimCLR, its traffic, and what an exchange costs here.
import { availableParallelism } from 'node:os';
import { median, simclrSettings, somePixels } from '../support.mjs';

/** Exchanges that are timed, and bytes of a large one. */
const [rounds, largeBytes] = [50, 2 ** 22];

/**
 * A step on this process, or on all ranks, by medians: seconds of the whole, of all ranks' processors, and of what this
 * rank sends and waits for in it.
 * @param ranks undefined in a process alone
 */
export async function measureSteps(kindred, ranks, { width, size, pairs, runs }) {
  const { Engine, PretextTrainer } = kindred;
  const engine = await Engine.create({ ranks });
  const settings = simclrSettings(kindred, { width, size, pairs });
  const simclr = await PretextTrainer.create(engine, { pixels: somePixels(pairs, size), size }, settings);
  const chosen = Array.from({ length: pairs }, (_, i) => i);
  const none = { exchanges: 0, bytes: 0, seconds: 0 };
  const steps = [];
  const waits = ranks ? timedWaits(ranks.link) : [];
  for (let step = 0; step <= runs; step++) {
    waits.length = 0;
    const before = ranks?.link.traffic() ?? none;
    const used = process.cpuUsage();
    const start = performance.now();
    await simclr.step(chosen, step, 0.05);
    await engine.gpu.idle();
    const seconds = (performance.now() - start) / 1e3;
    const { user, system } = process.cpuUsage(used);
    const after = ranks?.link.traffic() ?? none;
    const lastToCome = await waitsOfLast(ranks, waits.slice());
    const cpu = await sumOfRanks(ranks, (user + system) / 1e6);
    const spent = Object.fromEntries(Object.keys(none).map((key) => [key, after[key] - before[key]]));
    // The first step compiles.
    if (step > 0) steps.push({ ...spent, waiting: spent.seconds, lastToCome, seconds, cpu });
  }
  const parameters = simclr.parameters.entries
    .filter(({ trainable }) => trainable)
    .reduce((sum, { tensor }) => sum + tensor.size, 0);
  const of = (key) => median(steps.map((step) => step[key]));
  const { description, driver } = engine.gpu.capabilities;
  const cpu = of('cpu');
  const result = {
    // On a software adapter what the step would take if the machine did nothing else.
    isSoftware: driver !== 'gpu',
    seconds: driver === 'gpu' ? of('seconds') : cpu / availableParallelism(),
    wall: of('seconds'),
    cpu,
    waiting: of('waiting'),
    lastToCome: of('lastToCome'),
    exchanges: of('exchanges'),
    bytes: of('bytes'),
    ...{ parameters, description },
  };
  engine.destroy();
  return result;
}

/** The seconds of each wait from here on, in the order of the waits' ends, which is the same on all ranks. */
function timedWaits(link) {
  const waits = [];
  const waitFor = link.waitFor.bind(link);
  link.waitFor = async (pending) => {
    const start = performance.now();
    const result = await waitFor(pending);
    waits.push((performance.now() - start) / 1e3);
    return result;
  };
  return waits;
}

/** Seconds that whichever rank came last to an exchange waited for it: all but what ranks wait for slower ones. */
async function waitsOfLast(ranks, waits) {
  if (!ranks) return 0;
  const all = await ranks.link.gather('the bench', new Uint8Array(Float64Array.from(waits).buffer));
  const seconds = new Float64Array(all.buffer);
  const each = (i) => Array.from({ length: ranks.link.size }, (_, rank) => seconds[rank * waits.length + i]);
  return waits.reduce((sum, _, i) => sum + Math.min(...each(i)), 0);
}

async function sumOfRanks(ranks, value) {
  if (!ranks) return value;
  const all = await ranks.link.gather('the bench', new Uint8Array(Float64Array.of(value).buffer));
  return new Float64Array(all.buffer).reduce((sum, each) => sum + each, 0);
}

/** Seconds of a small exchange, and bytes a second that this rank sends in large ones; while the ranks do nothing else. */
export async function measureLink({ link }) {
  const time = async (exchange, times) => {
    const seconds = [];
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      await exchange();
      seconds.push((performance.now() - start) / 1e3);
    }
    // The least is nearest to what it costs, whatever else the machine does.
    return Math.min(...seconds);
  };
  const small = new Uint8Array(new ArrayBuffer(1024));
  const large = new Uint8Array(new ArrayBuffer(largeBytes));
  const latency = await time(() => link.gather('the bench', small), rounds);
  const slow = await time(() => link.exchange('the bench', large), 10);
  return { latency, bandwidth: (largeBytes * (link.size - 1)) / link.size / slow };
}
