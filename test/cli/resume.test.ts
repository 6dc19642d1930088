import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { assertRefused, type Ended, runKindred, startKindred, stripedImages, writeFiles } from './support.ts';

// One run through all tests, in this order: interrupted, refused to whoever would resume it wrongly, resumed.
const folder = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
writeFiles(folder, stripedImages('images', 20));

const epochs = 10;
const stepsPerEpoch = 5;
const command =
  `pretrain --data images --image-size 16 --width 4 --batch 8 --chunk 4 --epochs ${epochs} --out run`.split(
    ' ',
  );

interface MetricsLine {
  readonly event: 'step' | 'epoch';
  readonly step: number;
  readonly epoch: number;
}

function metrics(run = 'run'): MetricsLine[] {
  const path = join(folder, run, 'metrics.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Runs until the log has grown by a line, and then sends the signals, each a little after the other. */
async function interrupt(args: readonly string[], ...signals: NodeJS.Signals[]): Promise<Ended> {
  const run = args[args.indexOf('--out') + 1]!;
  const start = metrics(run).length;
  const { child, ended } = startKindred(folder, args);
  while (child.exitCode === null && metrics(run).length <= start) await setTimeout(10);
  for (const signal of signals) {
    child.kill(signal);
    await setTimeout(20);
  }
  return ended;
}

function checkpoint(run = 'run'): { step: number; metricsLines: number } {
  const { step, metricsLines } = JSON.parse(readFileSync(join(folder, run, 'checkpoint.json'), 'utf8'));
  return { step, metricsLines };
}

// npm passes Ctrl-C on to a process that the terminal told already.
test('Ctrl-C, though it arrive twice, saves a checkpoint, says how to go on and exits with 130', async () => {
  const { code, stderr } = await interrupt(command, 'SIGINT', 'SIGINT');
  assert.is(code, 130, stderr);
  assert.match(stderr, '40 images, 10 epochs, batches of 8 in chunks of 4');
  const { step, metricsLines } = checkpoint();
  assert.ok(step > 0 && step < epochs * stepsPerEpoch, `stopped at step ${step}`);
  assert.is(metricsLines, metrics().length);
  assert.match(
    stderr,
    `stopped after step ${step}, checkpoint saved; the same command with --out run --resume goes on`,
  );
});

/** A copy of the run, changed by `spoil`, is refused for the reasons. */
async function refuses(
  spoil: (run: string) => void,
  says: readonly RegExp[],
  options: { changes?: readonly string[]; device?: boolean } = {},
): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
  try {
    cpSync(folder, copy, { recursive: true });
    spoil(join(copy, 'run'));
    // The last of an option that is given twice counts.
    const args = [...command, '--resume', ...(options.changes ?? [])];
    await assertRefused(copy, args, says, { device: options.device ?? true });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

const nothing = () => {};

test('a checkpoint of another model or training is refused, with the option that differs', async () => {
  await Promise.all([
    refuses(
      nothing,
      [/is of another model or training: width was 4, now 8; resume with --width 4, or choose another --out/],
      {
        changes: ['--width', '8'],
      },
    ),
    refuses(nothing, [/another model or training: temperature was 0.2, now 0.5/], {
      changes: ['--temperature', '0.5'],
    }),
    refuses(
      nothing,
      [/another model or training: chunk was 4, now 2; resume with --chunk 4, or choose another --out/],
      { changes: ['--chunk', '2'] },
    ),
    refuses(nothing, [/another model or training: seed was 0, now 1/], { changes: ['--seed', '1'] }),
  ]);
});

test('other images than the run was started with are refused', async () => {
  await Promise.all([
    refuses(nothing, [/the images are not those that the run in run was started with/], {
      changes: ['--limit', '30'],
    }),
    refuses(
      (run) => rmSync(join(run, '..', 'images', 'lying', '3.png')),
      [/the images are not those that the run in run was started with/],
    ),
  ]);
});

/** Rewrites the checkpoint's bytes. */
const withBytes = (change: (bytes: Uint8Array) => Uint8Array) => (run: string) => {
  const path = join(run, 'checkpoint.safetensors');
  writeFileSync(path, change(Uint8Array.from(readFileSync(path))));
};

/** The same tensors, as another program might have stored them. */
const withMetadata = (metadata: Record<string, string>) =>
  withBytes((bytes) => encodeSafetensors(decodeSafetensors(bytes, 'checkpoint').tensors, metadata));

test('a truncated or hostile checkpoint is refused before the device is opened', async () => {
  const file = 'checkpoint.safetensors is not a valid safetensors file';
  const device = false;
  await Promise.all([
    refuses(
      withBytes((bytes) => bytes.slice(0, bytes.length - 100)),
      [new RegExp(`${file} \\(its tensors need \\d+ bytes but \\d+ are there\\)`)],
      { device },
    ),
    refuses(
      withBytes(() => new Uint8Array()),
      [new RegExp(`${file} \\(it has 0 bytes`)],
      { device },
    ),
    refuses(
      withBytes((bytes) => {
        new DataView(bytes.buffer).setBigUint64(0, 2n ** 63n, true);
        return bytes;
      }),
      [new RegExp(`${file} \\(its header of 9223372036854775808 bytes is over`)],
      { device },
    ),
    refuses(withMetadata({ format: 'pt' }), [/does not say how far its run had come/], { device }),
    refuses(withMetadata({ progress: '{"step":-1}' }), [/does not say how far its run had come/], { device }),
    refuses((run) => writeFileSync(join(run, 'config.json'), '{'), [/config.json is damaged/], { device }),
    refuses((run) => rmSync(join(run, 'config.json')), [/holds no config.json/], { device }),
  ]);
});

// A new measurement would differ by some percent, and the epochs with it.
test('what followed from the measured speed is not measured anew', async () => {
  const timed = 'pretrain --data images --image-size 16 --width 4 --batch 8 --minutes 0.2 --out timed'.split(
    ' ',
  );
  const started = await interrupt(timed, 'SIGINT');
  assert.is(started.code, 130, started.stderr);
  const { step } = checkpoint('timed');
  const resumed = await interrupt([...timed, '--resume'], 'SIGINT');
  assert.is(resumed.code, 130, resumed.stderr);
  assert.ok(checkpoint('timed').step > step);
});

test('what the user leaves open is as the run was started, whatever would be chosen by now', async () => {
  const open = 'pretrain --data demo --minutes 0.5 --method supcon --out open'.split(' ');
  const started = await interrupt(open, 'SIGINT');
  assert.is(started.code, 130, started.stderr);
  assert.match(started.stderr, /batches of \d+\n/);
  const config = join(folder, 'open', 'config.json');
  const stored = JSON.parse(readFileSync(config, 'utf8'));
  assert.not('chunk' in stored.settings);
  // So fast an adapter would be given more images (on a processor), another width, batch and number of epochs.
  stored.speed.flops *= 1000;
  writeFileSync(config, JSON.stringify(stored));
  const { step } = checkpoint('open');
  const resumed = await interrupt([...open, '--resume'], 'SIGINT');
  assert.is(resumed.code, 130, resumed.stderr);
  assert.ok(checkpoint('open').step > step);
  await assertRefused(
    folder,
    [...open, '--resume', '--minutes', '3'],
    [/the run in open was started with --minutes 0.5, not with --minutes 3: leave --minutes out, or/],
    { device: false },
  );
});

test('SIGTERM saves too, and the resumed run ends as if it had not stopped', async () => {
  const first = checkpoint().step;
  const { code, stderr } = await interrupt([...command, '--resume'], 'SIGTERM');
  assert.is(code, 130, stderr);
  const second = checkpoint().step;
  assert.ok(second > first && second < epochs * stepsPerEpoch, `from step ${first} to ${second}`);

  const last = await runKindred(folder, [...command, '--resume']);
  assert.is(last.code, 0, last.stderr);
  assert.is(checkpoint().step, epochs * stepsPerEpoch);
  const lines = metrics();
  const events = (wanted: string) => lines.filter(({ event }) => event === wanted);
  assert.equal(
    events('epoch').map(({ epoch, step }) => [epoch, step]),
    Array.from({ length: epochs }, (_, epoch) => [epoch, (epoch + 1) * stepsPerEpoch]),
  );
  assert.equal(
    events('step').map(({ step }) => step),
    [1, 10, 20, 30, 40, 50],
  );
  assert.ok(existsSync(join(folder, 'run', 'encoder.safetensors')));
});

test('resuming a run that is complete ends well and trains no further', async () => {
  const before = readFileSync(join(folder, 'run', 'encoder.safetensors'));
  const { code, stderr } = await runKindred(folder, [...command, '--resume']);
  assert.is(code, 0, stderr);
  assert.equal(readFileSync(join(folder, 'run', 'encoder.safetensors')), before);
  assert.is(metrics().length, epochs + 6);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
