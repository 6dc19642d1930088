import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExportContext } from '../../src/app/exports/context.ts';
import { modelFormats } from '../../src/app/exports/model_formats.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { keptSettings } from '../../src/app/settings/jobs.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import { encodeHead } from '../../src/encoder/classifier_head.ts';
import { UserError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { platform } from '../../src/platform/node.ts';
import { runKindred, stripedImages, writeFiles } from '../cli/support.ts';
import { evaluate, readOnnx } from '../encoder/onnx_reader.ts';
import { fill, nhwcToNchw, relativeError } from '../oracle.ts';

// One tiny pretext run; a head is put beside it by hand.
const folder = mkdtempSync(join(tmpdir(), 'kindred-export-'));
const [images, run, out] = ['images', 'run', 'out'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
writeFiles(folder, stripedImages('images', 6));
const side = 8;
const settings = `--image-size ${side} --width 2 --epochs 1 --batch 4`.split(' ');
const { code, stderr } = await runKindred(folder, ['pretrain', '--data', images, '--out', run, ...settings]);
const head = { weight: fill('fc.weight', 2 * 16), bias: fill('fc.bias', 2) };

/** Exports into a folder that is made for it alone, and gives the file. */
async function exported(format: keyof typeof modelFormats, from = run) {
  rmSync(out, { recursive: true, force: true });
  let said = '';
  await platform.files.writeFolder(out, async (target) => {
    const data = resolveSettings(keptSettings, { data: images });
    const job = {
      files: platform.files,
      reporter: silentReporter,
      command: [],
      versions: { kindred: '1.2.3' },
    };
    const context: ExportContext = {
      job,
      run: from,
      data,
      folder: target,
      imageSize: side,
      statuses: undefined,
      copy: false,
      tuning: {},
    };
    said = await modelFormats[format](context);
  });
  const [name] = readdirSync(out);
  return { said, name, bytes: new Uint8Array(readFileSync(join(out, name!))) };
}

const refusal = (format: keyof typeof modelFormats, from: string) =>
  exported(format, from).then(
    () => 'it was exported',
    (error) => (error instanceof UserError ? error.message : `no UserError: ${error}`),
  );

test('a run without a head exports features alone, and says that a head is missing', async () => {
  assert.is(code, 0, stderr);
  const { said, name, bytes } = await exported('onnx');
  assert.equal([said, name], ['model.onnx (features)', 'model.onnx']);
  assert.equal(
    readOnnx(bytes).outputs.map(([output]) => output),
    ['features'],
  );
  assert.match(await refusal('head', run), /holds no head\.safetensors: name the folder of a run of train/);
});

test('encoder and head are the run’s own files', async () => {
  writeFileSync(join(run, 'head.safetensors'), encodeHead(head, ['lying', 'standing'], 1.5));
  for (const format of ['encoder', 'head'] as const) {
    const { name, bytes } = await exported(format);
    assert.is(name, `${format}.safetensors`);
    assert.equal(bytes, new Uint8Array(readFileSync(join(run, name!))));
  }
});

test('the feature matrix holds, for each path, what the ONNX file computes of that image', async () => {
  const { said, bytes } = await exported('features');
  assert.is(said, 'features.safetensors (12 images)');
  const { tensors, metadata } = decodeSafetensors(bytes, 'x');
  assert.is(metadata.method, 'simclr');
  const paths: string[] = JSON.parse(new TextDecoder().decode(tensors.get('paths')!.data as Uint8Array));
  assert.equal(paths.length, 12);
  assert.ok(paths.includes('lying/5.png'), paths.join());
  const model = readOnnx((await exported('onnx')).bytes);
  const decoded: number[] = [];
  for (const path of paths) decoded.push(...(await platform.files.decodeImage(join(images, path), side)));
  const pixels = decoded.map((byte) => byte / 255);
  const data = Float64Array.from(nhwcToNchw(pixels, [12, side, side, 3]));
  const values = evaluate(model, { shape: [12, 3, side, side], data });
  // 18 layers in float32 against float64, as in test/train/onnx.test.ts.
  const error = relativeError(tensors.get('features')!.data as Float32Array, values.get('features')!.data);
  assert.ok(error < 5e-6, `features differ by ${error}`);
  assert.equal(values.get('probabilities')!.shape, [12, 2]);
  const { kindred_version: version, ...rest } = model.metadata;
  assert.match(version!, /^\d+\.\d+\.\d+$/);
  assert.equal(rest, {
    classes: '["lying","standing"]',
    temperature: '1.5',
    image_size: '8',
  });
});

test('a damaged run is refused in one sentence', async () => {
  for (const format of ['encoder', 'head', 'onnx', 'features'] as const)
    assert.match(await refusal(format, folder), /^run .* holds no \S+: name the folder/, format);
  const odd = join(folder, 'odd');
  const encoder = new Uint8Array(readFileSync(join(run, 'encoder.safetensors')));
  writeFiles(odd, {
    'encoder.safetensors': encoder,
    'head.safetensors': encodeHead({ weight: [1, 2, 3], bias: [0] }, ['a']),
  });
  assert.match(await refusal('onnx', odd), /takes 3 features but the encoder gives 16/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
