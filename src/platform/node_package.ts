import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether this is a clone of the repository, with its set-up, and not an installed package. */
export const isCheckout = (): boolean => existsSync(join(packageRoot(), 'setup.mjs'));

/** The folder of this package's package.json: the build's output lies at different depths below it. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
