import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import type { ComparisonRow } from '../../src/label/methods/comparison.ts';
import { weightsFile } from '../encoder/weights_fixture.ts';
import { assertRefused, runKindred, stripedImages, writeFiles } from './support.ts';

// A pretext task that goes on from weights, from the first command to the export.
const folder = mkdtempSync(join(tmpdir(), 'kindred-from-'));
writeFiles(folder, {
  ...stripedImages('images', 12),
  'net.safetensors': weightsFile({ depth: 18, width: 4, stem: 'cifar' }),
});
const scale = { mean: [0.4, 0.4, 0.4], std: [0.2, 0.2, 0.2] };
const common =
  '--data images --labels folders --labels-per-class 6 --folds 2 --budget 4 --methods probe --image-size 16 --epochs 1 --batch 8';
const from = ['--pretext-from', 'net.safetensors', '--pretext-from-config', JSON.stringify(scale)];
const run = (command: string, more: readonly string[] = []) =>
  runKindred(folder, [...command.split(' '), ...more]);
const read = (...name: string[]) => readFileSync(join(folder, ...name), 'utf8');
const rowsOf = (name: string): string[] =>
  JSON.parse(read(name, 'report.json')).comparison.rows.map(({ method }: ComparisonRow) => method);
const expected = ['base encoder + probe', 'SimCLR from net.safetensors + probe'];

test('it has the network and the normalisation of the weights, and is compared with the shipped encoder', async () => {
  const { code, stderr } = await run(`train ${common} --out onward`, from);
  assert.is(code, 0, stderr);
  assert.match(stderr, 'SimCLR from net.safetensors: ResNet-18');
  assert.equal(rowsOf('onward'), expected);
  const { encoder, normalise } = JSON.parse(read('onward', 'config.json')).settings;
  assert.equal([encoder.width, normalise], [4, scale]);
  const { metadata } = decodeSafetensors(readFileSync(join(folder, 'onward/pretext.safetensors')), 'pretext');
  assert.equal(JSON.parse(metadata.normalise!), scale);
  assert.match(read('onward', 'report.html'), 'went on from <bdi>net.safetensors</bdi>');
});

test('labelled again and exported, its encoder still has them', async () => {
  const again = await run('label --run onward --encoder none --methods probe --folds 2 --out again');
  assert.is(again.code, 0, again.stderr);
  assert.equal(rowsOf('again'), expected.slice(1));
  const made = await run('export --run again --format hub,onnx --out exported');
  assert.is(made.code, 0, made.stderr);
  const { recipe } = JSON.parse(read('exported', 'hub', 'config.json')).kindred;
  assert.equal(recipe.normalise, scale);
});

test('a resume from other weights, and settings that contradict them, are refused', async () => {
  const other = await run('train --out onward --resume --pretext-from base');
  assert.is(other.code, 2);
  assert.match(other.stderr, 'its encoder started from other weights; resume with the --pretext-from of');
  const wider = `pretrain --data images --pretext-from net.safetensors --width 8 --out o`.split(' ');
  await assertRefused(folder, wider, [/--width 8 contradicts --pretext-from net\.safetensors/], {
    device: false,
  });
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
