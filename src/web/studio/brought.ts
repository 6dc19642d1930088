import { answersOfRows } from '../../app/desk/read_answers.ts';
import { openDeskImages } from '../../app/desk/take_scan.ts';
import { readConfig } from '../../app/run/config.ts';
import { readGiven } from '../../app/run/read_run.ts';
import { lastPart } from '../../data/last_part.ts';
import type { Files } from '../../platform/platform.ts';
import { readRecord, type SessionPlaces, type SessionRecord, writeRecord } from './session_record.ts';

/**
 * The folder in what was given that holds a run beside the pack that it was made of: a session that was taken home, or what
 * the command line has made of `prepare`. Undefined where there is none.
 */
export async function findBrought(files: Files, place: string): Promise<string | undefined> {
  const found = (await files.list(place)).find((path) => /(?:^|\/)images\/pack\.json$/.test(path));
  if (found === undefined) return undefined;
  const above = found.split('/').slice(0, -2);
  return files.join(place, ...above);
}

/**
 * Takes a session over that was worked on elsewhere: packed pixels, answers and the run, as they are.
 * @param created ISO 8601
 * @throws UserError where parts of it are damaged
 */
export async function takeOver(
  files: Files,
  from: string,
  places: SessionPlaces,
  facts: Pick<SessionRecord, 'name' | 'created' | 'notes' | 'target'>,
): Promise<void> {
  for (const name of await files.list(from)) {
    if (/(?:^|\/)run\.lock/.test(name)) continue;
    await files.writeAtomic(files.join(places.folder, name), await files.read(files.join(from, name)));
  }
  const stream = await openDeskImages({ files }, places.data);
  const has = async (path: string) => (await files.stat(path))?.kind === 'file';
  const kept = (await has(places.record)) ? await readRecord(files, places) : undefined;
  if (kept) {
    const { encoder } = kept.training ?? {};
    await writeRecord(files, places, {
      ...kept,
      // Features were not brought along.
      stage: kept.training ? 'paused' : 'collected',
      ...(encoder !== undefined && {
        training: { ...kept.training!, encoder: files.join(places.encoder, lastPart(encoder)) },
      }),
    });
    return;
  }
  const given = (await readGiven(files, places.run, stream)) ?? [];
  const { answers, classes } = answersOfRows(given, stream.paths);
  await files.writeAtomic(places.answers, answers.csv(stream.paths, classes));
  const hasRun = await has(files.join(places.run, 'config.json'));
  const options = hasRun ? (await readConfig({ files }, places.run)).options : undefined;
  await writeRecord(files, places, {
    ...{ version: 1, ...facts, classes: [...classes], images: stream.paths.length },
    ...(options && { training: { method: options.pretext === 'none' ? 'base' : options.pretext } }),
    stage: options ? 'paused' : 'collected',
  });
}
