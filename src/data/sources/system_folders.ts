/** Folders that systems, servers and archives make, in lower case: what lies in them are copies, thumbnails and waste. */
const systemFolders = new Set([
  '@eadir',
  '@tmp',
  '@recycle',
  '@recently-snapshot',
  '#recycle',
  '#snapshot',
  '~snapshot',
  '__macosx',
  'lost+found',
  '$recycle.bin',
  'recycler',
  'recycled',
  'system volume information',
  'found.000',
  'network trash folder',
  'temporary items',
  'thumbs',
]);

/** The first folder or file on a path that is hidden, or that no person made; undefined where there is none. */
export function systemPart(path: string): string | undefined {
  return path.split('/').find((name) => name.startsWith('.') || systemFolders.has(name.toLowerCase()));
}

/** How many files lie in such folders, in words, with the folders; hidden ones nobody expects to see. Empty where there are none. */
export function describeSystemFolders(paths: readonly string[]): string {
  const parts = paths.map((path) => systemPart(path)).filter((name) => name !== undefined);
  const shown = parts.filter((name) => !name.startsWith('.'));
  if (shown.length === 0) return '';
  const names = [...new Set(shown)].slice(0, 5).join(', ');
  return `, ${shown.length} ${shown.length === 1 ? 'file' : 'files'} in folders of the system (${names}) left out`;
}
