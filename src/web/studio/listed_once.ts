import type { Files } from '../../platform/platform.ts';

/**
 * The same files, but for one folder, whose list is taken once and kept: in a real folder it costs a call of the browser's
 * for each file in it. For as long as nobody writes there.
 */
export function listedOnce(files: Files, folder: string): Files {
  const skipped: [path: string, reason: string][] = [];
  let listing: Promise<string[]> | undefined;
  const list: Files['list'] = async (of, onSkip) => {
    if (of !== folder) return files.list(of, onSkip);
    listing ??= files.list(folder, (...skip) => skipped.push(skip));
    const found = await listing;
    for (const skip of skipped) onSkip?.(...skip);
    return [...found];
  };
  return new Proxy(files, {
    get(all, name) {
      if (name === 'list') return list;
      const value: unknown = Reflect.get(all, name);
      return typeof value === 'function' ? value.bind(all) : value;
    },
  });
}
