// Does the promise hold? Labels are drawn again and again, and the error of the automatic labels is counted against the
// truth that was hidden:
//
//   node bench/bounds/target_error.mjs RUN --data cifar10:DIR [--per-class 25,100] [--targets 5%,20%,40%] [--draws 10] [--json]
//
// RUN is the folder of a pretext run whose data knows its labels. Each draw is the command `label` with another seed, as
// a user would run it, on the probe alone; then `report.json` is read. A target holds in a draw where the share of wrong
// automatic labels is at most the target, which it also is where nothing could be labelled automatically; so the share
// of images that were is printed beside it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { percent } from '../support.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    'per-class': { type: 'string', default: '25' },
    targets: { type: 'string', default: '5%,20%,40%' },
    draws: { type: 'string', default: '10' },
    cli: { type: 'string', default: fileURLToPath(new URL('../dist/cli.mjs', import.meta.url)) },
    json: { type: 'boolean' },
  },
});
const [run] = positionals;
if (!run) {
  console.error('target_error: name the folder of a pretext run');
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'kindred-target-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** What the runs were made on. */
let about = {};

/** Labels with one draw; gives what report.json says of the hidden truth. */
function labelOnce(perClass, target, seed) {
  const out = join(folder, `${perClass}-${target}-${seed}`);
  const args = ['label', '--run', run, '--labels-per-class', perClass, '--target-error', target];
  const data = options.data ? ['--data', options.data] : [];
  const ended = spawnSync(
    process.execPath,
    [options.cli, ...args, ...data, '--methods', 'probe', '--seed', String(seed), '--out', out],
    { encoding: 'utf8' },
  );
  if (ended.status !== 0) throw new Error(ended.stderr);
  const { hiddenTruth, counts, provenance, title } = JSON.parse(
    readFileSync(join(out, 'report.json'), 'utf8'),
  );
  about = { data: title, adapter: provenance.adapter, versions: provenance.versions };
  rmSync(out, { recursive: true });
  return {
    auto: counts.auto,
    hidden: hiddenTruth.all.count,
    wrong: hiddenTruth.auto ? 1 - hiddenTruth.auto.accuracy : 0,
  };
}

const share = (text) => (text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text));
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const draws = Number(options.draws);
const rows = [];
for (const perClass of options['per-class'].split(',')) {
  for (const target of options.targets.split(',')) {
    const results = Array.from({ length: draws }, (_, seed) => labelOnce(perClass, target, seed));
    const held = results.filter(({ wrong }) => wrong <= share(target)).length;
    const labelling = results.filter(({ auto }) => auto > 0);
    const row = {
      perClass: Number(perClass),
      target: share(target),
      draws,
      held,
      drawsWithAutomaticLabels: labelling.length,
      meanShareAutomatic: mean(results.map(({ auto, hidden }) => auto / hidden)),
      meanError: labelling.length > 0 ? mean(labelling.map(({ wrong }) => wrong)) : null,
      largestError: labelling.length > 0 ? Math.max(...labelling.map(({ wrong }) => wrong)) : null,
      results,
    };
    rows.push(row);
    if (options.json) continue;
    const errors =
      row.meanError === null
        ? 'none automatic'
        : `error ${percent(row.meanError)}, at most ${percent(row.largestError)}`;
    console.log(
      `${perClass} labels a class, target ${target}: held in ${held} of ${draws} draws; ${percent(row.meanShareAutomatic)} automatic in ${labelling.length} of them; ${errors}`,
    );
  }
}
if (options.json) console.log(JSON.stringify({ ...about, rows }, null, 2));
