import { UserError } from '../../errors.ts';
import type { FolderLock } from '../platform.ts';
import { endingTab, takeName } from './names.ts';
import { type Parts, partsOf } from './paths.ts';
import type { Store } from './store.ts';
import type { Place } from './tree.ts';

/** The lock's file inside its folder, as Node has it. */
const lockName = 'run.lock';

/** What stands for the host in a page's lock; its process is 0, which Node takes for one that is gone. */
const pageHost = 'a page';

/** Seconds without a sign of life until a process of Node counts as gone, as Node itself counts those of other hosts. */
const patience = 120;

/**
 * Takes a folder for this tab: by a Web Lock, which ends with the tab, and the file `run.lock`, which says of whom it was.
 * @param scope what tells the folder's tree from others of the origin
 * @throws UserError where another tab, or a process that lives, has it
 */
export async function lockInPage(
  { store, parts }: Place,
  folder: string,
  scope: string,
): Promise<FolderLock> {
  const release = await takeName(`kindred folder ${scope}/${partsOf(folder).join('/')}`, endingTab);
  if (!release)
    throw new UserError(`${folder} is in use by another tab: close it there, or open another folder`);
  const file = [...parts, lockName];
  const token = crypto.randomUUID();
  try {
    const takenFrom = await lastOwner(store, folder, file);
    const own = { process: 0, host: pageHost, started: null, token };
    await store.write(file, `${JSON.stringify(own)}\n`);
    return {
      takenFrom,
      async release() {
        if ((await ownerIn(store, file))?.token === token) await store.remove(file);
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** Who had the folder and is gone, in words; undefined where nobody did. @throws UserError where a process may live */
async function lastOwner(store: Store, folder: string, file: Parts): Promise<string | undefined> {
  const owner = await ownerIn(store, file);
  if (!owner) return undefined;
  if (owner.host === pageHost) return 'a tab';
  const words = `process ${owner.process} on ${owner.host}`;
  if (Date.now() - owner.changed < 1000 * patience && store.kind === 'folder')
    throw new UserError(
      `${folder} is in use by ${words}: wait until it ends, and if it is gone, try again in two minutes`,
    );
  return words;
}

/** What a lock's file says; a damaged one names nobody that lives. */
async function ownerIn(store: Store, file: Parts) {
  if (!(await store.stat(file))) return undefined;
  const content = await store.file(file);
  const changed = content instanceof File ? content.lastModified : 0;
  try {
    const { process, host, token } = JSON.parse(await content.text());
    return { process: Number(process), host: String(host), token: String(token), changed };
  } catch {
    return { process: 0, host: 'nowhere', token: '', changed: 0 };
  }
}
