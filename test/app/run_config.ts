import { configVersion } from '../../src/app/run/config.ts';
import { keptSettings } from '../../src/app/settings/jobs.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import { presets } from '../../src/data/policy.ts';

/** The config.json of a run that was never trained, for commands that read one. @param data its `data` setting @param range its `range` */
export const runConfigText = (data: string, range?: string): string =>
  JSON.stringify({
    version: configVersion,
    options: resolveSettings(keptSettings, { data, seed: 3, ...(range && { range }) }),
    settings: {
      imageSize: 8,
      encoder: { depth: 18, width: 4, stem: 'cifar' },
      batch: 8,
      epochs: 1,
      temperature: 0.2,
      policy: presets.weak,
      projection: [32, 8],
      optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
      learningRate: 0.1,
      warmupEpochs: 0,
    },
    data: { fingerprint: '' },
  });
