// Whole programs of two builds in turns: training steps and feature passes.
import { simclrSettings, somePixels, timed } from '../support.mjs';

/** Name → what makes it on a side: a call that submits one run. */
export const programs = {
  'step, width 16, 16 pairs of 32×32': (side) => step(side, { width: 16, size: 32, pairs: 16 }),
  'step, width 64, 8 pairs of 32×32': (side) => step(side, { width: 64, size: 32, pairs: 8 }),
  'features, ResNet-18 of width 64, 32 of 32×32': (side) =>
    features(side, { depth: 18, width: 64, stem: 'cifar' }, { images: 32, size: 32 }),
  'features, ViT-Ti/16, 4 of 224×224': (side) =>
    features(side, { family: 'vit', patch: 16, grid: 14, width: 192 }, { images: 4, size: 224 }),
};

async function step({ kindred, engine }, sizes) {
  const { size, pairs } = sizes;
  const images = { pixels: somePixels(4 * pairs, size), size };
  const trainer = await kindred.PretextTrainer.create(engine, images, simclrSettings(kindred, sizes));
  const chosen = Array.from({ length: pairs }, (_, i) => i);
  let count = 0;
  return () => trainer.step(chosen, count++, 0.05);
}

async function features({ kindred, engine }, options, { images, size }) {
  const parameters = engine.parameters();
  const encoder = kindred.createEncoder({ parameters, seed: 1 }, kindred.architectureOf(options));
  const x = engine.input([images, size, size, 4]);
  const program = await engine.compile(() => ({ features: encoder.forward(x) }), { training: false });
  return () => program.run();
}

/** Seconds of the processor, or by the clock on a graphics card, of runs of both sides in turns: [before, now] a round. */
export async function inTurns(make, sides, runs) {
  const made = [];
  for (const side of sides) made.push({ ...side, run: await make(side) });
  const rounds = [];
  for (let round = -1; round < runs; round++) {
    const times = [];
    // Each side goes first every other round.
    for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const { wall, cpu } = await timed(made[i].engine, made[i].run);
      times[i] = made[i].engine.gpu.capabilities.driver === 'gpu' ? wall : cpu;
    }
    // A software adapter compiles kernels when they first run.
    if (round >= 0) rounds.push(times);
  }
  return rounds;
}
