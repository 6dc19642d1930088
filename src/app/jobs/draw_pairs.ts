import { pairsSheet } from '../../data/contact_sheet.ts';
import { resolvePolicy } from '../../data/policy.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { openEngine } from '../engine.ts';
import { folderSide, sourceKind } from '../inputs/image_source_kind.ts';
import { readImages, tellSource } from '../inputs/open_images.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import { policyFor } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import { writing } from '../run/folder.ts';
import { type AugmentSettings, augmentSettings } from '../settings/jobs.ts';
import { resolveSettings } from '../settings/resolve.ts';

/** A sheet of pairs that was saved. */
export interface PairsOutcome {
  /** Path of the PNG file. */
  readonly file: string;
  /** Name of the policy that made the pairs. */
  readonly policy: string;
}

/**
 * Draws images and the pairs of views that a policy makes of them, as a PNG sheet.
 * @throws UserError for a policy or images that are wrong, or a file that cannot be written
 */
export async function drawPairs(given: AugmentSettings, context: JobContext): Promise<PairsOutcome> {
  const { files, reporter } = context;
  const settings = resolveSettings(augmentSettings, given);
  const { count, seed, out, data, range, fit } = settings;
  const chosen =
    settings.policy === undefined ? undefined : resolvePolicy(settings.policy, sentence`${named('policy')}`);
  await requireSource(data, files);
  if ((await files.stat(out))?.kind === 'folder')
    throw new UserError(sentence`${named('out', out)} is a folder: name a file`);
  const engine = await openEngine(context);
  try {
    const limit = settings.limit ?? 10 * count;
    // A folder is decoded at the side that the network sees. Of other sets, which keep their own, views are cut out of the
    // larger images.
    const opened = await openRunImages(
      files,
      { data, seed, limit, testLimit: 1, range, fit },
      settings.imageSize,
    );
    const own =
      settings.imageSize === undefined && sourceKind(data) === 'folder'
        ? await folderSide(opened)
        : undefined;
    const stream = own ? opened.resized(own.side) : opened;
    tellSource(reporter, stream);
    const everything = Int32Array.from(stream.paths.keys());
    const { pixels: read } = await readImages(reporter, stream, everything, data);
    const source = { name: stream.name, size: stream.size, pixels: read };
    const imageSize = settings.imageSize ?? source.size;
    const policy = chosen ?? policyFor(data, imageSize);
    const { pixels, width, height } = await pairsSheet(engine, source, { policy, imageSize, count, seed });
    const png = await files.encodePng(pixels, width, height);
    await writing(sentence`${named('out', out)}`, () => files.writeAtomic(out, png));
    return { file: out, policy: policy.name };
  } finally {
    engine.destroy();
  }
}
