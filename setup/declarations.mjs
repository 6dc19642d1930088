// Type declarations of the package: node setup/declarations.mjs writes dist/types, as `npm pack` does before it packs.
//
// The compiler declares every file that the entries import; only those that their types lead to are kept. Specifiers
// become what a user's compiler resolves without our settings: `./x.ts` is `./x.js` there, `#platform` a file.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inOneLine } from './launch.mjs';
import { root, SetupError } from './tools.mjs';

const entries = ['index.d.ts', 'label.d.ts', 'internal.d.ts', 'web/labeller/index.d.ts'];

/** Node's declaration of `platform` and a page's are the same. */
const aliases = { '#platform': 'platform/node.ts' };

const specifier = /(\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\2/g;

/** Replaces dist/types. @throws SetupError where the sources do not compile */
export function declareTypes(folder = join(root, 'dist')) {
  const work = mkdtempSync(join(folder, 'types.'));
  try {
    compile(join(work, 'all'));
    for (const [path, text] of reachable(join(work, 'all'))) {
      const file = join(work, 'kept', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    const types = join(folder, 'types');
    rmSync(types, { recursive: true, force: true });
    renameSync(join(work, 'kept'), types);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function compile(outDir) {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
  const args = [
    join(dirname(tsc), 'bin', 'tsc'),
    '-p',
    join(root, 'setup', 'tsconfig.json'),
    '--outDir',
    outDir,
  ];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new SetupError('the type declarations could not be made; the reason stands above.');
}

/** Path → text of the entries' declarations and of all that they refer to. */
function reachable(folder) {
  const texts = new Map();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (texts.has(path)) continue;
    const declared = readFileSync(join(folder, path), 'utf8');
    const text = declared.replace(specifier, (_, before, quote, name) => {
      const target = name.startsWith('.') ? posix.join(posix.dirname(path), name) : aliases[name];
      // The rest are the names of packages.
      if (target === undefined) return `${before}${quote}${name}${quote}`;
      waiting.push(target.replace(/\.ts$/, '.d.ts'));
      const relative = posix.relative(posix.dirname(path), target).replace(/\.ts$/, '.js');
      return `${before}${quote}${relative.startsWith('.') ? relative : `./${relative}`}${quote}`;
    });
    texts.set(path, text);
  }
  return texts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await inOneLine(async () => declareTypes());
