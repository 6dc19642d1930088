import type { TextCache } from './platform.ts';

const database = 'kindred';
const store = 'cache';

/** IndexedDB of the page's origin. */
export const pageCache: TextCache = {
  async read(name) {
    const text: unknown = await transact('readonly', (texts) => texts.get(name)).catch(() => undefined);
    return typeof text === 'string' ? text : undefined;
  },
  async write(name, text) {
    // Private windows may refuse it, and full disks do.
    return transact('readwrite', (texts) => texts.put(text, name)).then(
      () => undefined,
      (error) => String(error),
    );
  },
};

async function transact<T>(
  mode: IDBTransactionMode,
  action: (texts: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(store);
  const opened = await settled(opening);
  try {
    const transaction = opened.transaction(store, mode);
    const request = action(transaction.objectStore(store));
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  } finally {
    opened.close();
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
