import { downloadZip } from 'client-zip';
import { exportRun } from '../../app/jobs/export_run.ts';
import type { JobContext } from '../../app/reporter.ts';
import { UserError } from '../../errors.ts';
import type { PageFiles } from '../../platform/platform.ts';
import type { Session } from './session.ts';
import type { TakeHome } from './studio.ts';

/** A file of a session, by its name in what is taken home. */
interface HomeFile {
  readonly name: string;
  readonly path: string;
}

/** Parts of a session that are made again from the others. */
const remade = /^features\//;
/** What belongs to a tab or a person's next press, and to nobody who takes the files home. */
const passing = /(?:^|\/)run\.lock|^steps\.jsonl$/;

/** All files of a session that are worth keeping elsewhere. */
export async function filesOf({ files }: PageFiles, { places }: Session): Promise<HomeFile[]> {
  const names = await files.list(places.folder);
  return names
    .filter((name) => !remade.test(name) && !passing.test(name))
    .map((name) => ({ name, path: files.join(places.folder, name) }));
}

/**
 * A file to save: one of the run's, or a zip of several, whose contents are read as it is written.
 * @throws UserError where the run has not been finished
 */
export async function takeHome(
  page: PageFiles,
  session: Session,
  what: TakeHome,
  context: JobContext,
): Promise<{ readonly name: string; readonly blob: Blob }> {
  const { places, record } = session;
  const { files } = page;
  const inRun = (name: string) => files.join(places.run, name);
  // A name that every system takes for a file's.
  const base = record.name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '') || 'session';
  if (what === 'session') {
    const all = await filesOf(page, session);
    return {
      name: `${base}.zip`,
      blob: await zip(
        page,
        all.map((file) => ({ ...file, name: `${base}/${file.name}` })),
      ),
    };
  }
  const wanted = what === 'model' ? 'head.safetensors' : what;
  if ((await files.stat(inRun(wanted)))?.kind !== 'file')
    throw new UserError(`there is no ${wanted} yet: label some images of each class, and finish`);
  if (what !== 'model') return { name: `${base}-${what}`, blob: await page.blob(inRun(what)) };
  const made = files.join(places.folder, 'export');
  await removeFolder(page, made);
  await exportRun({ run: places.run, format: ['onnx'], out: made }, context);
  try {
    const names = ['encoder.safetensors', 'head.safetensors'].map((name) => ({ name, path: inRun(name) }));
    const exported = (await files.list(made)).map((name) => ({ name, path: files.join(made, name) }));
    return { name: `${base}-model.zip`, blob: await zip(page, [...names, ...exported]) };
  } finally {
    await removeFolder(page, made);
  }
}

/** Deletes a folder of the page's own, where it is there. */
export async function removeFolder(page: PageFiles, folder: string): Promise<void> {
  if ((await page.files.stat(folder)) !== undefined) await page.remove(folder);
}

async function zip(page: PageFiles, all: readonly HomeFile[]): Promise<Blob> {
  async function* contents() {
    for (const { name, path } of all) {
      const input = await page.blob(path);
      yield { name, input, size: input.size };
    }
  }
  return downloadZip(contents()).blob();
}

/** Copies files into a real folder that a person chose. @returns how many */
export async function copyInto(
  folder: FileSystemDirectoryHandle,
  page: PageFiles,
  all: readonly HomeFile[],
): Promise<number> {
  for (const { name, path } of all) {
    const parts = name.split('/');
    let place = folder;
    for (const part of parts.slice(0, -1)) place = await place.getDirectoryHandle(part, { create: true });
    const handle = await place.getFileHandle(parts.at(-1)!, { create: true });
    // Closing moves what was written over what was there.
    const writable = await handle.createWritable();
    await (await page.blob(path)).stream().pipeTo(writable);
  }
  return all.length;
}
