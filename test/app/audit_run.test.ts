import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { returnAudit } from '../../src/app/jobs/return_audit.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { folderLabels } from '../../src/data/labels/class_numbers.ts';
import { hideLabels } from '../../src/data/labels/hidden_labels.ts';
import { streamFolder } from '../../src/data/sources/folder.ts';
import { drawAudit } from '../../src/label/audit_draw.ts';
import { newAuditRecord, readAuditRecord, writeAuditRecord } from '../../src/label/files/audit_record.ts';
import { readLabelsCsv } from '../../src/label/files/labels_csv.ts';
import { writeRunFiles } from '../../src/label/files/run_files.ts';
import { labelImages } from '../../src/label/pipeline.ts';
import { knownStart } from '../../src/label/scan/start.ts';
import { chooseTask } from '../../src/label/task.ts';
import { platform } from '../../src/platform/node.ts';
import { contents, stripedImages } from '../cli/support.ts';
import { assertUserError, withFiles } from '../data/temporary.ts';
import { fill } from '../oracle.ts';
import { runConfigText } from './run_config.ts';

const { files } = platform;
const context = { files, reporter: silentReporter, command: [], versions: {} };
// So many, and so noisy, that no image is a near copy of another.
const columns = 24;

/** A run of 120 images, 40 of them labelled, whose features tell the classes apart. */
async function withRun(body: (run: string) => Promise<void>): Promise<void> {
  await withFiles(stripedImages('images', 60), async (folder) => {
    const [images, run] = [join(folder, 'images'), join(folder, 'run')];
    const stream = await streamFolder(images, { files, imageSize: 8 });
    const truth = folderLabels(stream);
    const values = fill('audit', stream.paths.length * columns, 1);
    stream.paths.forEach((_, image) => {
      values[image * columns + truth.labels[image]!]! += 2;
    });
    const result = await labelImages({
      stream,
      task: chooseTask(truth, { given: hideLabels(truth, 20, 1).labels, seed: 1 }),
      starts: [knownStart({ values, columns, origin: { name: 'made' } })],
      settings: { methods: ['probe'], folds: 5, targetError: 0.2, budget: 4, seed: 1 },
      onStage: () => {},
      training: null,
      provenance: { command: [], seed: 1, versions: {}, adapter: 'none' },
    });
    await files.makeFolder(run);
    await writeRunFiles({ files, folder: run }, stream, result, { classes: truth.classes, auditSize: 60 });
    writeFileSync(join(run, 'config.json'), runConfigText(images));
    await body(run);
  });
}

const readReport = (run: string) => JSON.parse(readFileSync(join(run, 'report.json'), 'utf8'));

/** Lines of audit.csv, filled in with the automatic label where `answer` says nothing else. */
function fillIn(run: string, answer: (at: number) => string | undefined = () => undefined): string[] {
  const [header, ...rows] = readFileSync(join(run, 'audit.csv'), 'utf8').trimEnd().split('\r\n');
  return [header!, ...rows.map((row, at) => row + (answer(at) ?? row.split(',')[2]!))];
}

test('a run is provisional until its audit comes back, sorted or not, and each return adds to the one before', async () => {
  await withRun(async (run) => {
    const before = readReport(run);
    assert.ok(before.counts.auto >= 60, `${before.counts.auto}`);
    assert.equal(before.promise, { state: 'provisional', target: 0.2, kept: true });
    const audit = join(run, 'audit.csv');
    const lines = fillIn(run);
    // Ten rows, in the order of a spreadsheet.
    writeFileSync(audit, [lines[0], ...lines.slice(1, 11).sort().reverse()].join('\n'));
    const first = await returnAudit({ run, audit }, context);
    assert.equal([first.checked, first.checkedBefore], [10, 0]);
    const { auditSample } = readReport(run);
    assert.equal([auditSample.checked, auditSample.leftOut, auditSample.kept], [10, 0, false]);
    assert.equal(readReport(run).promise, { state: 'audited', target: 0.2, kept: false });
    const after = contents(run);
    await returnAudit({ run, audit }, context);
    for (const name of ['labels.csv', 'given.csv', 'report.json', 'report.html'])
      assert.is(contents(run)[join(run, name)], after[join(run, name)], `${name} after the same file again`);
    // Twenty more without the ten: they stay checked.
    writeFileSync(audit, [lines[0], ...lines.slice(11, 31)].join('\n'));
    const second = await returnAudit({ run, audit }, context);
    assert.equal([second.report.auditSample!.checked, second.report.auditSample!.leftOut], [30, 0]);
    assert.is(second.report.promise.kept, true);
    assert.is(second.report.counts.auto, before.counts.auto - 30);
    const given = readFileSync(join(run, 'given.csv'), 'utf8').trimEnd().split('\r\n').slice(1);
    const from = (origin: string) => given.filter((row) => row.split(',')[2] === origin).length;
    assert.equal(
      [from('audit'), from('own')],
      [30, 40],
      'given.csv tells checked labels from those that were there',
    );
  });
});

test('rows passed over or deleted are holes: told, counted as wrong, and made good by a later return', async () => {
  await withRun(async (run) => {
    const audit = join(run, 'audit.csv');
    const lines = fillIn(run);
    const gaps = lines.filter((_, at) => at === 0 || (at <= 30 && at % 3 !== 0));
    writeFileSync(audit, gaps.join('\n'));
    const { report } = await returnAudit({ run, audit }, context);
    assert.equal([report.auditSample!.checked, report.auditSample!.leftOut], [20, 9]);
    assert.is(report.promise.kept, false);
    assert.ok(report.warnings.some((warning) => warning.startsWith('9 rows of audit.csv')));
    assert.match(readFileSync(join(run, 'report.html'), 'utf8'), '9 left out');
    writeFileSync(audit, lines.slice(0, 31).join('\n'));
    const full = await returnAudit({ run, audit }, context);
    assert.equal([full.report.auditSample!.leftOut, full.report.promise.kept], [0, true]);
  });
});

test('an audit of labels that have changed, of no kept draw or of another one is refused with nothing written', async () => {
  await withRun(async (run) => {
    const audit = join(run, 'audit.csv');
    const filled = fillIn(run);
    writeFileSync(audit, filled.join('\n'));
    const labels = readFileSync(join(run, 'labels.csv'), 'utf8');
    const refused = async (...parts: string[]) => {
      const before = contents(run);
      await assertUserError(() => returnAudit({ run, audit }, context), ...parts);
      assert.equal(contents(run), before);
    };
    writeFileSync(join(run, 'labels.csv'), labels.replace(/,auto,/, ',given,'));
    await refused('labels.csv has changed since audit.csv was drawn');
    // Line ends are no change.
    writeFileSync(join(run, 'labels.csv'), labels.replaceAll('\r\n', '\n'));
    const record = readFileSync(join(run, 'audit.json'), 'utf8');
    rmSync(join(run, 'audit.json'));
    await refused('no audit.json', 'label the run again');
    writeFileSync(join(run, 'audit.json'), record.slice(0, 50));
    await refused('audit.json is damaged');
    writeFileSync(join(run, 'audit.json'), record);
    await returnAudit({ run, audit }, context);
    // An answer that was given stays.
    writeFileSync(
      audit,
      [filled[0], ...filled.slice(1).map((line) => line.replace(/[^,]*$/, 'owl'))].join('\n'),
    );
    await refused('came back as');
  });
});

test('a return whose writing was cut short is completed by the same return', async () => {
  await withRun(async (run) => {
    const audit = join(run, 'audit.csv');
    writeFileSync(audit, fillIn(run, (at) => (at === 4 ? 'owl' : undefined)).join('\n'));
    const labels = readFileSync(join(run, 'labels.csv'));
    const report = readFileSync(join(run, 'report.json'));
    await returnAudit({ run, audit }, context);
    const whole = contents(run);
    writeFileSync(join(run, 'labels.csv'), labels);
    writeFileSync(join(run, 'report.json'), report);
    await returnAudit({ run, audit }, context);
    assert.equal(contents(run), whole);
  });
});

test('the same labels have the same audit; other labels a new one, stricter where the earlier was begun', async () => {
  await withRun(async (run) => {
    const place = { files, folder: run };
    const labels = readLabelsCsv(readFileSync(join(run, 'labels.csv'), 'utf8'), 'labels.csv');
    const drawn = (await readAuditRecord(place))!;
    const answered = { ...drawn, answers: drawn.answers.map((_, at) => (at < 3 ? 'lying' : null)) };
    const again = await newAuditRecord(await drawAudit(labels, 60), labels, answered, true);
    assert.equal([again.answers, again.earlier], [answered.answers, 0]);
    const fewer = labels.map((label, at) =>
      label.status === 'auto' && at % 2 ? { ...label, status: 'review' as const } : label,
    );
    const other = await drawAudit(fewer, 60);
    const spent = async (...[previous, filled]: [typeof drawn | undefined, boolean]) => {
      const record = await newAuditRecord(other, fewer, previous, filled);
      assert.ok(record.answers.every((answer) => answer === null));
      return record.earlier;
    };
    assert.is(await spent(drawn, false), 0, 'nothing was known of it');
    assert.is(await spent(drawn, true), 1, 'filled in and not given back');
    assert.is(await spent(answered, false), 1);
    assert.is(await spent({ ...answered, earlier: 2 }, true), 3);
    assert.is(await spent(undefined, false), 0);
    await writeAuditRecord(place, answered);
    assert.equal(await readAuditRecord(place), answered);
  });
});

test('an audit of a run that an earlier version labelled says to label it again, and changes nothing', async () => {
  await withRun(async (run) => {
    const [audit, path] = [join(run, 'audit.csv'), join(run, 'report.json')];
    const { scenes: _, ...older } = readReport(run).audit;
    writeFileSync(path, JSON.stringify({ ...readReport(run), audit: older }));
    writeFileSync(audit, fillIn(run).join('\n'));
    const before = contents(run);
    await assertUserError(() => returnAudit({ run, audit }, context), /earlier version.*label the run again/);
    assert.equal(contents(run), before);
  });
});

test.run();
