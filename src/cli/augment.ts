import type { Command } from 'commander';
import { platform } from '#platform';
import { pairsSheet } from '../data/contact_sheet.ts';
import { presets, resolvePolicy } from '../data/policy.ts';
import { terminal } from '../platform/node_terminal.ts';
import { addDataOptions, type DataOptions, whole } from './options.ts';
import { policyFor } from './plan.ts';
import { openEngine, readImages, writing } from './session.ts';

interface AugmentCommandOptions extends DataOptions {
  readonly policy?: string;
  readonly count: number;
  readonly out: string;
}

export function registerAugment(program: Command): void {
  const command = program
    .command('augment')
    .description('a PNG sheet of images and the pairs that a policy makes of them');
  addDataOptions(command)
    .option('--policy <policy>', `${Object.keys(presets).join(', ')}, or JSON (default: by image size)`)
    .option('--count <n>', 'images on the sheet', whole(1, 200), 12)
    .option('--out <file>', 'the PNG file', 'pairs.png')
    .action(run);
}

async function run(options: AugmentCommandOptions): Promise<void> {
  const { count, seed, out } = options;
  const given = options.policy === undefined ? undefined : resolvePolicy(options.policy, '--policy');
  const engine = await openEngine();
  try {
    const source = await readImages({ ...options, limit: options.limit ?? 10 * count, testLimit: 1 });
    const imageSize = options.imageSize ?? source.size;
    const policy = given ?? policyFor(options.data, imageSize);
    const png = await pairsSheet(engine, source, { policy, imageSize, count, seed });
    await writing(`--out ${out}`, () => platform.files.writeAtomic(out, png));
    terminal.note(`saved ${out}: each image, then pairs of its views under ${policy.name}`);
  } finally {
    engine.destroy();
  }
}
