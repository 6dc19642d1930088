import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { weightsFile } from '../encoder/weights_fixture.ts';
import { torchFile } from '../formats/torch_files.ts';
import { npy } from './npy.ts';
import { assertRefused, inFolder, stripedImages } from './support.ts';

// What people give as an encoder or as features and is none, from the command line to the exit code.
const images = stripedImages('images', 3);
const paths = Object.keys(images).map((path) => path.slice('images/'.length));
const narrow = { depth: 18, width: 2, stem: 'cifar' } as const;

const zeros = (...shape: number[]): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const only = (...names: string[]) =>
  encodeSafetensors(new Map(names.map((name) => [name, zeros(2, 3, 1, 1)])));
const changed = (change: (tensors: Map<string, StoredTensor>) => void) => weightsFile(narrow, change);

/** Tries all at once; each is refused in one sentence, with nothing written. */
async function refuseAll(
  folder: string,
  flag: string,
  cases: readonly (readonly [file: string, says: RegExp])[],
  device: boolean,
): Promise<void> {
  const common = 'train --data images --labels folders --pretext none --methods probe --out o'.split(' ');
  const none = flag === '--features' ? ['--encoder', 'none'] : [];
  await Promise.all(
    cases.map(([file, says]) => assertRefused(folder, [...common, ...none, flag, file], [says], { device })),
  );
}

test('weights of other families, and files that hold no weights, are refused before anything is opened', async () => {
  const legacy = torchFile('Lightning, legacy').bytes;
  const files = {
    'vit.safetensors': only('blocks.0.attn.qkv.weight'),
    'vgg.safetensors': only('features.0.weight'),
    'convnext.safetensors': only('stages.0.blocks.0.conv_dw.weight'),
    'optimizer.safetensors': only('optimizer.state.0.exp_avg', 'optimizer.state.0.exp_avg_sq'),
    'module.pth': torchFile('a whole module, zip').bytes,
    'lfs.pth': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 46807446\n',
    'page.pth': '<!DOCTYPE html><html><title>404</title></html>',
    'empty.pth': '',
    'cut.pth': legacy.subarray(0, legacy.length - 9),
    'notes/readme.md': 'no weights here',
  };
  await inFolder({ ...images, ...files }, async (folder) => {
    mkdirSync(join(folder, 'nothing'));
    await refuseAll(
      folder,
      '--encoder',
      [
        ['vit.safetensors', /holds a vision transformer .*: give ResNet-18/],
        ['vgg.safetensors', /holds a VGG network or an AlexNet/],
        ['convnext.safetensors', /holds a ConvNeXt/],
        ['optimizer.safetensors', /holds an optimizer's state only/],
        ['module.pth', /is a whole pickled module .*torch\.save\(model\.state_dict\(\)/],
        ['lfs.pth', /is a Git LFS pointer .*: run git lfs pull/],
        ['page.pth', /is a web page saved under this name/],
        ['empty.pth', /empty\.pth is empty/],
        ['cut.pth', /beginning of a PyTorch file \(\d+ of \d+ bytes are there\)/],
        ['notes', /--encoder notes is a folder without weights: give one that holds model\.safetensors/],
        ['nothing', /--encoder nothing is a folder without weights/],
      ],
      false,
    );
  });
});

test('a ResNet that cannot see, or that computes something else, is refused before anything is opened', async () => {
  const norm = /\.running_(?:mean|var)$/;
  const files = {
    'nan.safetensors': changed((all) => {
      (all.get('layer4.1.bn2.bias')!.data as Float32Array)[3] = Number.NaN;
    }),
    'zero.safetensors': changed((all) => {
      for (const [name, { shape }] of [...all]) if (shape.length === 4) all.set(name, zeros(...shape));
    }),
    'group.safetensors': changed((all) => {
      for (const name of [...all.keys()]) if (norm.test(name)) all.delete(name);
    }),
    'instance.safetensors': changed((all) => {
      for (const name of [...all.keys()]) if (/bn|downsample\.1/.test(name)) all.delete(name);
    }),
  };
  const unlike = /norms have no running statistics: instance or group norm, which kindred does not run/;
  await inFolder({ ...images, ...files }, (folder) =>
    refuseAll(
      folder,
      '--encoder',
      [
        ['nan.safetensors', /has values in "layer4\.1\.bn2\.bias" that are not finite/],
        ['zero.safetensors', /only zeros in "conv1\.weight" \(20 of its 20 convolutions are zero\)/],
        ['group.safetensors', unlike],
        ['instance.safetensors', unlike],
      ],
      false,
    ),
  );
});

test('features that do not fit the images are refused with nothing written', async () => {
  const row = (image: number) => [image, image * image, -1];
  const all = paths.map((_, image) => row(image));
  const files = {
    'nan.npy': npy(all.map((values, image) => (image === 4 ? [0, Number.NaN, 0] : values))),
    'same.npy': npy(all.map(() => row(2))),
    'fewer.npy': npy(all.slice(1)),
    'missing.npy': npy(all.slice(1)),
    'missing.paths.txt': `${paths.slice(1).join('\n')}\n`,
    'twice.npy': npy(all),
    'twice.paths.txt': `${[paths[1], ...paths.slice(1)].join('\n')}\n`,
  };
  await inFolder({ ...images, ...files }, (folder) =>
    refuseAll(
      folder,
      '--features',
      [
        [
          'nan.npy',
          /nan\.npy, row 4 \(counted from 0\), standing\/1\.png: feature 1 is NaN: compute it again/,
        ],
        ['same.npy', /same\.npy has the same numbers in all 6 rows/],
        ['fewer.npy', /fewer\.npy does not say which images its 5 rows are of, and images has 6 images/],
        ['missing.npy', /missing\.npy has no row for 1 of the 6 images of images, lying\/0\.png for one/],
        ['twice.npy', /lying\/1\.png/],
      ],
      true,
    ),
  );
});

test.run();
