import type * as library from '../../src/index.ts';

/** What a page and Node both train on: the images' bytes come from a formula, so that no file need travel. */
export interface TinyRun {
  readonly images: number;
  readonly side: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
}

/**
 * Trains SimCLR for a few steps through the library's public API and gives the loss of each. The function refers to
 * nothing but its arguments: its text runs in a page as it stands.
 */
export async function firstLosses(
  { PretextTrainer, Engine, presets }: typeof library,
  { images, side, batch, steps, learningRate }: TinyRun,
): Promise<{ losses: number[]; adapter: string }> {
  const engine = await Engine.create();
  try {
    const bytes = images * side * side * 3;
    const pixels = Uint8Array.from({ length: bytes }, (_, at) => (at * at * 31 + at * 17) % 251);
    const pretext = await PretextTrainer.create(
      engine,
      { pixels, size: side },
      {
        encoder: { depth: 18, width: 4, stem: 'cifar' },
        projection: [32, 16],
        batch,
        imageSize: side,
        temperature: 0.5,
        policy: presets['simclr-imagenet'],
        optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 1e-4 },
        seed: 7,
      },
    );
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const chosen = Array.from({ length: batch }, (_, i) => (step * batch + i) % images);
      pretext.step(chosen, step, learningRate);
      losses.push(await pretext.loss());
    }
    return { losses, adapter: engine.gpu.capabilities.description };
  } finally {
    engine.destroy();
  }
}
