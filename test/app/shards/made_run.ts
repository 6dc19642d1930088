import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobContext, type Progress, type Reporter, silentReporter } from '../../../src/app/reporter.ts';
import { encodeWeights } from '../../../src/encoder/encoder_weights.ts';
import { pixelScale } from '../../../src/ops/augment.ts';
import { platform } from '../../../src/platform/node.ts';
import { stripedImages, writeFiles } from '../../cli/support.ts';
import { engineTensors } from '../../nn/vit/fixture.ts';
import { runConfigText } from '../run_config.ts';

export const context: JobContext = {
  files: platform.files,
  reporter: silentReporter,
  command: ['test'],
  versions: { kindred: '1.2.3' },
};

/** What is compared: networks trained on labels would take minutes. */
export const methods = ['probe', 'knn'] as const;

/** A folder with `images/` and a run of a tiny encoder on it, with labels of some of them. */
export interface MadeRun {
  readonly folder: string;
  readonly images: string;
  readonly run: string;
  remove(): void;
}

/**
 * An encoder whose file says all that there is to say: nothing is compiled or tried but it.
 * @param depth its blocks
 */
export function encoderFile(depth = 1, width = 16): Uint8Array {
  const vit = { patch: 4, grid: 4, width, depth, heads: 2, layerScale: true, pooling: 'mean' } as const;
  return encodeWeights(engineTensors(vit), {
    encoder: { family: 'vit', ...vit },
    imageSize: 16,
    method: 'probe',
    normalise: pixelScale,
    resize: { filter: 'bilinear', shorterSide: 16 },
  });
}

/** The config.json of a run that only named an encoder. */
export function configOf(data: string, labels: string | undefined, encoder: string, limit?: number): string {
  const config = JSON.parse(runConfigText(data));
  Object.assign(config.options, { labels, labelsPerClass: 12, pretext: 'none', encoder, limit });
  if (limit !== undefined) config.options.testLimit = 100;
  return JSON.stringify({
    ...config,
    speed: { flops: 1e11, bandwidth: 1e10 },
    limits: { pool: 500, heldOut: 100 },
  });
}

/**
 * Stripes that lie or stand, one of them damaged, the very same file twice, names as people write them; and a run on them.
 * More than two batches, so that a shard can be stopped between two.
 */
export function makeRun(perClass = 75): MadeRun {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-shards-'));
  const [images, run] = [join(folder, 'images'), join(folder, 'run')];
  const files = stripedImages('images', perClass);
  files['images/lying/9,"é.png'] = files['images/lying/3.png']!;
  files['images/standing/7.png'] = files['images/standing/7.png']!.subarray(0, 60);
  writeFiles(folder, {
    ...files,
    'encoder.safetensors': encoderFile(),
    'run/config.json': configOf(images, 'folders', join(folder, 'encoder.safetensors')),
  });
  return { folder, images, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A context whose job is aborted, or fails, at some progress. */
export function stoppedAt(
  when: (progress: Progress) => boolean,
  how: 'abort' | 'crash',
): { readonly context: JobContext; readonly notes: string[] } {
  const controller = new AbortController();
  const notes: string[] = [];
  const reporter: Reporter = {
    ...silentReporter,
    signal: controller.signal,
    note: (text) => void notes.push(String(text)),
    progress(progress) {
      if (!when(progress)) return;
      if (how === 'crash') throw new Error('crashed');
      controller.abort();
    },
  };
  return { context: { ...context, reporter }, notes };
}

/** Writes over some bytes of a file's text. */
export const overwrite = (path: string, content: string | Uint8Array) => writeFileSync(path, content);
