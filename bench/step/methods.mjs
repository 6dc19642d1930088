// Steps of pretext methods beside SimCLR's: what `bench/step.mjs --method` does.
import {
  byKernel,
  circumstances,
  median,
  percent,
  report,
  round,
  simclrSettings,
  somePixels,
  timed,
} from '../support.mjs';

/**
 * Whole views that a step of B images passes through an encoder, each forward and back, by their multiply-adds; of a
 * network that is not trained a third, since the way back costs twice the way forth.
 * @param patch a patch as a share of a whole view's multiply-adds, by its share of a cell's side
 */
const viewsEncoded = {
  moco: () => 1 + 1 / 3,
  masked: () => 1,
  denoise: () => 1,
  byol: () => 2 + 2 / 3,
  rotation: () => 4,
  relative: (patch) => 2 * patch(2 / 3),
  jigsaw: (patch) => 9 * patch(64 / 75),
  pirl: (patch) => 1 + 9 * patch(64 / 75),
};

/** Kernels of memories: queue and bank. */
const isMemory = ({ kernel }) => kernel.startsWith('pretext/memory.');

/**
 * Prints a row a method.
 * @param names with commas between them, or `all`
 */
export async function compareMethods(kindred, names, { width, size, pairs, precision, runs, images, json }) {
  const { Engine, PretextTrainer, pretextMethods } = kindred;
  const engine = await Engine.create();
  const all = Object.keys(pretextMethods).filter((name) => name !== 'simclr');
  const methods = ['simclr', ...(names === 'all' ? all : names.split(','))];
  const pixels = somePixels(images, size);
  const labels = Int32Array.from({ length: images }, (_, i) => i % 2);
  const { projection, ...settings } = simclrSettings(kindred, { width, size, pairs });
  const trainers = new Map();
  for (const method of methods) {
    const own = { ...settings, precision, method, ...(method === 'simclr' && { projection }) };
    trainers.set(method, await PretextTrainer.create(engine, { pixels, size, labels }, own));
  }
  const chosen = Array.from({ length: pairs }, (_, i) => i);
  const times = new Map(methods.map((method) => [method, []]));
  for (let run = -1; run < runs; run++) {
    for (const [method, trainer] of trainers) {
      const { wall, cpu } = await timed(engine, () => trainer.step(chosen, run + 1, 0.01));
      // On a software adapter the processor's time is the kernels' own, whatever else the machine does.
      const spent = engine.gpu.capabilities.driver === 'gpu' ? wall : cpu;
      if (run >= 0) times.get(method).push(1e3 * spent);
    }
  }
  const work = (side) => kindred.multiplyAdds(kindred.architectureOf(settings.encoder), side);
  const patch = (share) => work(Math.round(share * Math.floor(size / 3))) / work(size);
  const views = (method) => pairs * (viewsEncoded[method]?.(patch) ?? 2);
  const perView = (method) => median(times.get(method)) / views(method);
  const rows = [];
  for (const [method, trainer] of trainers) {
    const kernels = byKernel(await trainer.program.program.profile());
    rows.push({
      method,
      'ms a step': round(median(times.get(method))),
      'views encoded': round(views(method)),
      'ms a view': round(perView(method)),
      'of SimCLR': round(perView(method) / perView('simclr')),
      memory: percent(kernels.filter(isMemory).reduce((sum, { share }) => sum + share, 0)),
      dispatches: trainer.program.program.dispatches,
    });
  }
  report(json, { ...circumstances(engine), width, size, pairs, images }, rows);
  engine.destroy();
}
