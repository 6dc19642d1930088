import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Picture } from '../../src/data/contact_sheet.ts';
import { presets } from '../../src/data/policy.ts';
import type { PretrainOptions } from '../../src/pretext/options.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import { pretrain } from '../../src/pretext/pretrain.ts';
import { pretextMethods } from '../../src/pretext/registry.ts';
import { MemoryFiles } from '../memory_files.ts';
import { side, stopAfter, tinyData, tinyOptions } from './tiny.ts';

// Methods that bring pixels back, on both families of encoders: they learn, and their settings are held against images.
const engine = await Engine.create();
const data = tinyData(24);
const resnet: PretrainOptions = {
  ...tinyOptions,
  ...{ batch: 8, epochs: 16, policy: presets.weak, maskPatches: 4, decoderWidth: 32 },
  optimizer: { name: 'adamw', momentum: 0.9, weightDecay: 0.01 },
  learningRate: 3e-3,
};
const vit: PretrainOptions = {
  ...resnet,
  encoder: { family: 'vit', patch: 2, grid: side / 2, width: 16, depth: 2, heads: 2 },
};

interface Epoch {
  readonly event: string;
  readonly loss: number;
  readonly explained: number;
  readonly meanLoss: number;
}

const trained = async (options: PretrainOptions, resume = false) => {
  const files = new MemoryFiles();
  const run = (resume: boolean, steps = Number.POSITIVE_INFINITY) =>
    pretrain(engine, data, options, { files, folder: 'run', resume, signal: stopAfter(steps) });
  if (resume) await run(false, 13);
  const { pretext } = await run(resume);
  const exported = [...(await pretext.encoderStore.read()).keys()];
  pretext.destroy();
  const lines = files.text('run/metrics.jsonl').trimEnd().split('\n');
  const epochs = lines.map((line) => JSON.parse(line) as Epoch).filter(({ event }) => event === 'epoch');
  return { epochs, exported, checkpoint: files.content.get('run/checkpoint.safetensors')! };
};

for (const [name, options, explained] of [
  ['masked on a ResNet', { ...resnet, method: 'masked', maskShare: 0.5 }, 0.03],
  ['masked on a ViT', { ...vit, method: 'masked', maskShare: 0.5 }, 0.15],
  ['denoise on a ResNet', { ...resnet, method: 'denoise' }, -1],
  ['denoise on a ViT, blurred too', { ...vit, method: 'denoise', blurSigma: 0.5 }, 0.15],
] as const) {
  test(`${name}: it learns to bring pixels back, and the encoder alone is exported`, async () => {
    const { epochs, exported, checkpoint } = await trained(options);
    const [first, last] = [epochs[0]!, epochs.at(-1)!];
    assert.ok(last.loss < 0.97 * first.loss, `from ${first.loss} to ${last.loss}`);
    assert.ok(last.explained > explained, `explained ${last.explained}`);
    assert.not(exported.some((tensor) => /decoder|mask_token/.test(tensor)));
    if (name !== 'masked on a ViT') return;
    // A test over the registry resumes them on a ResNet.
    const resumed = await trained(options, true);
    assert.ok(Buffer.compare(resumed.checkpoint, checkpoint) === 0, 'the checkpoints differ');
  });
}

test('pictures are of the same images and masks each epoch: originals, what was hidden of them, what came back', async () => {
  const drawn: Picture[] = [];
  const options = { ...resnet, epochs: 2, method: 'masked', maskShare: 0.5 };
  const { pretext } = await pretrain(engine, data, options, {
    ...{ files: new MemoryFiles(), folder: 'run', resume: false },
    onPictures: (picture) => drawn.push(picture),
  });
  pretext.destroy();
  assert.is(drawn.length, 2);
  assert.is(pretextMethods.masked.pictures!.length, 3);
  const [first, last] = drawn as [Picture, Picture];
  // Cells of 64 pixels: each of an image eight times as large, and lines of 4 between them.
  const pitch = 68;
  assert.is(first.height, 3 * pitch + 4);
  assert.is(first.width, 8 * pitch + 4);
  const at = ({ pixels, width }: Picture, row: number, column: number, h: number, w: number) => {
    const start = 3 * ((row * pitch + 4 + 8 * h + 3) * width + column * pitch + 4 + 8 * w + 3);
    return [...pixels.subarray(start, start + 3)];
  };
  let [grey, moved] = [0, 0];
  for (let column = 0; column < 8; column++)
    for (let pixel = 0; pixel < side * side; pixel++) {
      const place = [column, Math.floor(pixel / side), pixel % side] as const;
      const [original, input, output] = [0, 1, 2].map((row) => at(first, row, ...place));
      assert.equal(at(last, 0, ...place), original);
      assert.equal(at(last, 1, ...place), input);
      const hidden = input!.every((value) => value === 128) && original!.join() !== input!.join();
      if (hidden) {
        grey++;
        if (at(last, 2, ...place).join() !== output!.join()) moved++;
      } else {
        assert.equal(input, original);
        assert.equal(output, original);
      }
    }
  assert.is(grey, (8 * side * side) / 2);
  assert.ok(moved > grey / 2, 'an epoch changes what is brought back');
});

test('settings that fit no image are refused by their name', async () => {
  const images = { pixels: data.pixels, size: side };
  const refusal = (options: PretrainOptions) =>
    PretextTrainer.create(engine, images, options).then(
      () => 'went on',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const given = { ...resnet, method: 'masked' };
  assert.match(
    await refusal({ ...given, maskShare: 0.01 }),
    /^UserError: maskShare 0.01 of 16 patches hides 0/,
  );
  assert.match(
    await refusal({ ...given, imageSize: 12 }),
    /^UserError: imageSize 12 is no whole .* take 16$/,
  );
  assert.match(
    await refusal({ ...vit, method: 'masked', decoderWidth: 6 }),
    /^UserError: decoderWidth 6 is no/,
  );
  assert.match(
    await refusal({ ...given, method: 'denoise', noise: 0 }),
    /^UserError: noise 0 without blurSigma/,
  );
});

test.after(() => engine.destroy());
test.run();
