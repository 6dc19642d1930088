import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainRun } from '../../../src/app/jobs/train_run.ts';
import { type JobContext, type Progress, type Reporter, silentReporter } from '../../../src/app/reporter.ts';
import { platform } from '../../../src/platform/node.ts';
import { stripedImages, writeFiles } from '../../cli/support.ts';

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
 * Stripes that lie or stand, one of them damaged, the very same file twice, names as people write them; and a run that
 * labelled them. More than two batches, so that a shard can be stopped between two.
 */
export async function makeRun(perClass = 75): Promise<MadeRun> {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-shards-'));
  const files = stripedImages('images', perClass);
  files['images/lying/9,"é.png'] = files['images/lying/3.png']!;
  files['images/standing/7.png'] = files['images/standing/7.png']!.subarray(0, 60);
  writeFiles(folder, files);
  const [images, run] = [join(folder, 'images'), join(folder, 'run')];
  await trainRun(
    {
      data: images,
      labels: 'folders',
      labelsPerClass: 12,
      encoder: 'none',
      methods: [...methods],
      folds: 3,
      width: 2,
      imageSize: 16,
      batch: 32,
      epochs: 1,
      out: run,
    },
    context,
  );
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
