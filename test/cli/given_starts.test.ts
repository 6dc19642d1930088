import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EncoderCard } from '../../src/encoder/encoder_card.ts';
import type { ComparisonRow } from '../../src/label/methods/comparison.ts';
import { imagenetScale } from '../../src/ops/augment.ts';
import { fileSeenThrough, statisticsOf } from '../encoder/first_norm/first_norm_fixture.ts';
import { renamed, weightsFile } from '../encoder/weights_fixture.ts';
import { npy } from './npy.ts';
import { assertRefused, runKindred, stripedImages, writeFiles } from './support.ts';

// Runs that start from what the user has: weights, features, the shipped encoder. One set of images for all.
const folder = mkdtempSync(join(tmpdir(), 'kindred-starts-'));
const images = stripedImages('images', 12);
const paths = Object.keys(images)
  .map((path) => path.slice('images/'.length))
  .sort();
/** Features that tell lying from standing, with what says nothing beside them. */
const featuresOf = (path: string, row: number): number[] =>
  Array.from({ length: 4 }, (_, column) => {
    const sign = path.startsWith('lying') ? 1 : -1;
    return (column === 0 ? sign : 0) + Math.sin(7.3 * (4 * row + column));
  });

/** Of an image that is not there, and with a column that tells nothing. */
const more = [...paths, 'lying/gone.png'];
/** All images' pixels, without alpha. */
const pixels = Uint8Array.from(
  Object.values(images).flatMap((file) =>
    [...PNG.sync.read(Buffer.from(file)).data].filter((_, at) => at % 4 < 3),
  ),
);
const weights = weightsFile(
  { depth: 18, width: 4, stem: 'cifar' },
  renamed((name) => `module.${name}`),
);
writeFiles(folder, {
  ...images,
  'net.safetensors': weights,
  // Labels that no features tell apart: a network of random weights might see more by the wrong normalisation.
  'coin.csv': `path,label\n${paths.map((path, i) => `${path},${i % 2 ? 'heads' : 'tails'}\n`).join('')}`,
  'seen.safetensors': fileSeenThrough(imagenetScale, statisticsOf(pixels)),
  'features.npy': npy(more.map((path, row) => [...featuresOf(path, row), 3])),
  'features.paths.txt': `${more.join('\n')}\n`,
});
const common =
  '--data images --labels folders --labels-per-class 6 --folds 2 --budget 4 --methods probe,knn,majority --image-size 16';
const run = (command: string) => runKindred(folder, command.split(' '));
const read = (...name: string[]) => readFileSync(join(folder, ...name), 'utf8');
const rowsOf = (name: string): string[] =>
  JSON.parse(read(name, 'report.json')).comparison.rows.map(({ method }: ComparisonRow) => method);

test('given weights alone label the images, at a recipe that is told', async () => {
  const { code, stdout, stderr } = await run(
    `train ${common} --encoder net.safetensors --pretext none --out weights`,
  );
  assert.is(code, 0, stderr);
  assert.match(stderr, 'behind "module."');
  assert.match(stderr, /net\.safetensors: its recipe is stated nowhere; accuracy out of fold by\n {2}\d/);
  assert.match(stdout, /\* net\.safetensors \+ probe .* s$/m);
  assert.not.match(stderr, /epoch/);
  assert.equal(readdirSync(join(folder, 'weights')).sort(), [
    'audit.csv',
    'audit.json',
    'config.json',
    'encoder.safetensors',
    'given.csv',
    'head.safetensors',
    'labels.csv',
    'next.csv',
    'next.json',
    'report.html',
    'report.json',
  ]);
  const config = JSON.parse(read('weights', 'config.json'));
  assert.is(config.options.pretext, 'none');
  assert.is(config.settings.epochs, undefined);
  const { encoders } = JSON.parse(read('weights', 'report.json'));
  assert.equal(config.encoders, encoders);
  const [{ name, architecture, feature, licence, from }] = encoders;
  assert.equal([name, architecture, feature, licence], ['net.safetensors', 'ResNet-18', 'avgpool', null]);
  assert.equal([from.normalise, from.imageSize, from.licence], ['labels', 'labels', null]);
  assert.match(read('weights', 'report.html'), 'chosen out of fold by the given labels');
});

test('a stated normalisation that is wrong is told on the terminal and in the report, and kept', async () => {
  const zeroToOne = '{"mean":[0,0,0],"std":[1,1,1]}';
  const { code, stderr } = await run(
    `train ${common} --labels coin.csv --encoder seen.safetensors --encoder-config ${zeroToOne} --pretext none --out stated`,
  );
  assert.is(code, 0, stderr);
  const says =
    /seen\.safetensors: its normalisation, stated by the user, is 'pixels from 0 to 1', and 'ImageNet mean and std' fits better: .* nats .*; state that one, or leave mean and std out/;
  assert.match(stderr, says);
  const { warnings, encoders } = JSON.parse(read('stated', 'report.json'));
  assert.ok(
    warnings.some((warning: string) => says.test(warning)),
    warnings.join('\n'),
  );
  assert.equal(encoders[0].recipe.normalise, { mean: [0, 0, 0], std: [1, 1, 1] });
  assert.is(encoders[0].from.normalise, 'user');
});

test('such a run is labelled again, asked what to label next, and exported as a folder that starts another', async () => {
  const again = await run('label --run weights --methods probe --folds 2 --target-error 40%');
  assert.is(again.code, 0, again.stderr);
  const next = await run('next --run weights --budget 3');
  assert.is(next.code, 0, next.stderr);
  const made = await run('export --run weights --format hub,onnx,features --out exported');
  assert.is(made.code, 0, made.stderr);
  const other = await run(`train ${common} --encoder exported/hub --pretext none --out other`);
  assert.is(other.code, 0, other.stderr);
  assert.not.match(other.stderr, /stated nowhere/);
  assert.is(readFileSync(join(folder, 'exported/hub/model.safetensors')).length > 0, true);
  assert.equal(
    readFileSync(join(folder, 'other/encoder.safetensors')).subarray(-4000),
    readFileSync(join(folder, 'weights/encoder.safetensors')).subarray(-4000),
    'the same weights',
  );
});

test('features of any other model label the images, without a device for networks', async () => {
  const command = `train ${common.replace(' --image-size 16', '')} --encoder none --features features.npy --pretext none --out features`;
  const { code, stderr } = await run(command);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, /^sizes: /m, 'no network sees the images');
  assert.match(
    stderr,
    /1 of 25 rows are of images that images has not \(lying\/gone\.png\), and are left out/,
  );
  assert.match(stderr, /1 of 5 columns hold the same number in every row and tell nothing/);
  assert.equal(rowsOf('features').sort(), [
    'features.npy + probe',
    'kNN on features.npy features',
    'majority class',
  ]);
  assert.not.ok(readdirSync(join(folder, 'features')).includes('encoder.safetensors'));
  const again = await run('label --run features --methods probe --folds 2');
  assert.is(again.code, 0, again.stderr);
  const next = await run('next --run features --budget 3');
  assert.is(next.code, 0, next.stderr);
});

test('the shipped encoder stands beside a pretext task unless it is not wanted', async () => {
  const short = '--epochs 1 --width 4 --batch 8';
  const { code, stderr } = await run(`train ${common} ${short} --out both`);
  assert.is(code, 0, stderr);
  assert.not.match(stderr, 'warning: ');
  const { encoders } = JSON.parse(read('both', 'report.json'));
  assert.equal(
    encoders.map(({ name, licence, from }: EncoderCard) => [name, licence, from.normalise]),
    [
      ['base encoder', 'MIT', 'config'],
      ['SimCLR', null, 'weights'],
    ],
  );
  assert.equal(
    rowsOf('both')
      .filter((name) => / \+ probe$/.test(name))
      .sort(),
    ['SimCLR + probe', 'base encoder + probe'],
  );
});

test('a run without anything to start from, or from what is no encoder, is refused', async () => {
  const refuse = (args: string, says: RegExp) =>
    assertRefused(folder, `train ${common} ${args} --out o`.split(' '), [says], { device: false });
  await Promise.all([
    refuse('--pretext none --encoder none', /there is nothing to start from: give --encoder or --features/),
    refuse('--encoder nowhere.pth', /there is nothing at --encoder nowhere\.pth/),
    refuse('--encoder features.paths.txt', /features\.paths\.txt /),
    refuse('--features nowhere.npy', /--features nowhere\.npy is no file/),
  ]);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
