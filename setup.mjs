// Makes a fresh clone ready and starts a program in it. Needs Node and npm alone, and writes inside this folder only.
//
//   node setup.mjs                      packages, build, and a software driver where Dawn finds no adapter
//   node setup.mjs --run FILE args…     the same, then FILE in Node
//   node setup.mjs --system             as root on Debian or Ubuntu: Mesa's software driver, several times faster
//
// A step whose stamp shows that nothing changed is skipped silently.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchDriver, needsDriver } from './setup/driver.mjs';
import { inOneLine, requireNode, start } from './setup/launch.mjs';
import { exclusively, fingerprint, npm, readText, root, SetupError, say, writeText } from './setup/tools.mjs';

const packagesStamp = join(root, 'node_modules', '.kindred-stamp');
const dist = join(root, 'dist');
const buildStamp = join(dist, '.stamp');

const install = { isDue: () => readText(packagesStamp) !== packagesKey(), run: installPackages };
const compile = { isDue: () => readText(buildStamp) !== buildKey(), run: build };
const driver = { isDue: needsDriver, run: fetchDriver, isOptional: true };

/** Native packages differ by system, so a folder that two systems share is installed anew on each. */
function packagesKey() {
  const lock = readText(join(root, 'package-lock.json')) ?? '';
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}\n`;
}

function installPackages() {
  say('installing packages (npm ci)');
  // The build needs the development packages too, whatever NODE_ENV says.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev'];
  if (npm(args).status !== 0) throw new SetupError('npm ci failed; its reason stands above.');
  writeText(packagesStamp, packagesKey());
}

function buildKey() {
  const sources = [
    'src',
    'shaders',
    'setup',
    'test',
    'build.mjs',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ];
  return fingerprint(sources.map((name) => join(root, name)));
}

/** Builds beside dist and then renames: a program that starts meanwhile never sees half a build. */
function build() {
  say('building');
  // The lock is held, so whatever an interrupted build left behind belongs to nobody.
  const leftovers = () => readdirSync(root).filter((name) => /^dist\..*\.tmp$/.test(name));
  for (const name of leftovers()) rmSync(join(root, name), { recursive: true, force: true });
  const key = buildKey();
  const fresh = `${dist}.new.tmp`;
  // esbuild has printed its own errors when it rejects.
  const script = `const { build } = await import('./build.mjs');
    await build(process.argv[1]).catch((error) => { if (!error.errors) console.error(error); process.exit(1); });`;
  const node = ['--input-type=module', '-e', script, fresh];
  if (spawnSync(process.execPath, node, { cwd: root, stdio: ['ignore', 2, 2] }).status !== 0) {
    throw new SetupError('the build failed; its reason stands above.');
  }
  writeFileSync(join(fresh, '.stamp'), key);
  const old = `${dist}.old.tmp`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

/** Runs the steps that are due, in order; asks again under the lock, since another set-up may have done them. */
async function prepare(steps) {
  if (!steps.some((step) => step.isDue())) return;
  await exclusively(() => {
    for (const step of steps) runStep(step);
  });
}

function runStep(step) {
  try {
    if (step.isDue()) step.run();
  } catch (error) {
    if (!step.isOptional || !(error instanceof SetupError)) throw error;
    say(error.message);
  }
}

await inOneLine(async () => {
  requireNode();
  const [mode, file, ...args] = process.argv.slice(2);
  if (mode === '--system' && file === undefined) {
    await prepare([install]);
    const { installSystemDriver } = await import('./setup/system.mjs');
    installSystemDriver();
  } else if (mode === '--run' && file !== undefined) {
    await prepare([install, compile, driver]);
    start(file, args);
  } else if (mode === undefined) {
    await prepare([install, compile, driver]);
    say('ready');
  } else {
    throw new SetupError('usage: node setup.mjs [--system | --run FILE args…]');
  }
});
