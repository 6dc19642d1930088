import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../support.ts';
import { assertRefused, inFolder, runKindred, startKindred, stripedImages } from './support.ts';

const images = stripedImages('images', 3);
const text = new TextEncoder();

/** Tries all, at once: each is a process of its own, which mostly waits for itself to start. */
async function refuseAll(
  folder: string,
  cases: readonly (readonly [args: string, ...says: RegExp[]])[],
  options: { device?: boolean; env?: Record<string, string> } = {},
): Promise<void> {
  await Promise.all(cases.map(([args, ...says]) => assertRefused(folder, args.split(' '), says, options)));
}

test('a command or an option that does not exist', async () => {
  await inFolder({}, (folder) =>
    refuseAll(
      folder,
      [
        ['trian', /unknown command 'trian': did you mean train\?$/],
        ['train --lables folders', /unknown option '--lables': did you mean --labels\?$/],
        ['train images', /too many arguments for 'train': expected 0 arguments but got 1$/],
        ['pretrain --depth 20', /'--depth <n>' argument '20' is invalid: allowed choices are 18, 34/],
        ['train --precision f8', /allowed choices are f32, f16/],
        ['pretrain --method contrast', /allowed choices are simclr, supcon, mixed/],
        ['train --methods probe,svm', /argument 'probe,svm' is invalid: 'svm' is none of probe, finetune,/],
      ],
      { device: false },
    ),
  );
});

test('an option out of its range is told before anything is opened', async () => {
  await inFolder(images, (folder) =>
    refuseAll(
      folder,
      [
        ['pretrain --data images --batch 1', /'1' is invalid: give a whole number from 2 to 65536/],
        ['pretrain --data images --chunk 0', /'0' is invalid: give a whole number from 1 to 65536/],
        ['pretrain --data images --image-size 0', /'0' is invalid: give a whole number from 8 to 1024/],
        ['pretrain --data images --temperature 0', /'0' is invalid: give a number above 0/],
        ['pretrain --data images --epochs 1.5', /'1.5' is invalid: give a whole number of at least 1/],
        ['train --data images --learning-rate NaN', /'NaN' is invalid: give a number above 0/],
        ['train --data images --projection 64-x', /'64-x' is invalid/],
        ['train --data images --labels-per-class 0', /'0' is invalid: give a whole number of at least 1/],
        ['augment --data images --count 0 --out sheet.png', /'0' is invalid: give a whole number from 1/],
      ],
      { device: false },
    ),
  );
});

test('a policy, labels file or run that does not exist is told before the device is opened', async () => {
  const files = {
    ...images,
    'file.txt': 'mine',
    'taken/notes.txt': 'mine',
    'run/checkpoint.safetensors': '',
  };
  await inFolder(files, (folder) =>
    refuseAll(
      folder,
      [
        [
          'pretrain --data images --policy strong --out o',
          /no augmentation policy 'strong': give simclr-cifar,/,
        ],
        ['pretrain --data images --policy {"flip":2} --out o', /--policy: flip must be a number from 0 to 1/],
        ['augment --data images --policy {"flip": --out o', /--policy: the augmentation policy is no JSON/],
        [
          'train --data images --labels none.csv --out o',
          /--labels none.csv does not exist: give a CSV file/,
        ],
        [
          'train --data images --labels images --out o',
          /--labels images is a folder without XML files of annotations: give a CSV file/,
        ],
        ['train --data images --out o', /images has no labels of its own: give --labels/],
        ['pretrain --data images --out file.txt', /--out file.txt is a file: name a folder/],
        ['pretrain --data images --out taken', /--out taken exists and is not empty: name another folder/],
        ['pretrain --data images --out run', /--out run exists and is not empty: add --resume to go on/],
        [
          'pretrain --data images --out taken --resume',
          /taken holds no checkpoint.safetensors to resume from/,
        ],
        ['pretrain --data images --out new --resume', /new holds no checkpoint.safetensors to resume from/],
        ['pretrain --data images --resume', /runs\/ holds no run to resume/],
        ['pretrain --data nowhere --out o', /nothing at nowhere: check the path after --data/],
        ['pretrain --data file.txt --out o', /file.txt is a file: give the folder/],
        ['train --data cifar10:nowhere --out o', /there is no folder nowhere/],
        ['train --data idx: --out o', /idx needs its folder: give --data idx:DIR/],
        ['train --weights nope --out o', /there is nothing at --weights nope: give a weights file/],
        ['augment --data nowhere --out sheet.png', /nothing at nowhere/],
        ['augment --data images --out images', /--out images is a folder: name a file/],
      ],
      { device: false },
    ),
  );
});

test('a tuning that would time nothing is told before anything is read', async () => {
  await inFolder({}, (folder) =>
    refuseAll(
      folder,
      [
        [
          'export --run r --format csv,onnx --out o --tune 5',
          /only --format features runs: leave --tune out$/,
        ],
        [
          'label --run r --audit audit.csv --tune 5',
          /--audit renews the bound alone and trains nothing: leave --tune out, or --audit$/,
        ],
        // What asks for none goes on to the run.
        ['export --run r --format csv --out o --no-tune', /r holds no config.json/],
        ['export --run r --format csv,features --out o --tune 5', /r holds no config.json/],
        ['label --run r --audit audit.csv --tune 0', /--audit audit.csv is no file/],
      ],
      { device: false },
    ),
  );
});

test('data that are missing, empty, broken or of the wrong length', async () => {
  const files = {
    'broken/a.png': 'not an image',
    'broken/b.jpg': Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16),
    'texts/readme.txt': 'no image',
    'cifar/data_batch_1.bin': new Uint8Array(3073 * 2 - 1),
    'idx/readme.txt': '',
  };
  await inFolder(files, async (folder) => {
    mkdirSync(join(folder, 'empty'));
    await refuseAll(folder, [
      ['pretrain --data empty --out o', /empty is empty: give a folder with images/],
      ['pretrain --data texts --out o', /texts holds no image \(only 1 \.\w+\): give a folder/],
      ['pretrain --data broken --out o', /broken: none of 2 images can be read \(a.png: not an image\)/],
      ['pretrain --data cifar10:cifar --out o', /data_batch_1.bin has 6145 bytes, .*3073-byte records/],
      ['train --data idx:idx --out o', /^kindred: idx /],
      ['train --data cifar11:cifar --labels folders --out o', /'cifar11:' is no kind of data set/],
    ]);
  });
});

test('labels without a header, of unknown images, of a single class, or fewer than asked for', async () => {
  const files = {
    ...images,
    'unknown.csv': 'path,label\nlying/0.png,lying\nlying/99.png,lying\n',
    'headless.csv': 'weight,height\n3,4\n',
    'empty.csv': '',
    'single.csv': 'path,label\nlying/0.png,lying\nlying/1.png,lying\n',
    'twice.csv': 'path,label\nlying/0.png,lying\nlying/0.png,standing\n',
    'flat/a.png': images['images/lying/0.png']!,
    'flat/b.png': images['images/lying/1.png']!,
  };
  await inFolder(files, (folder) =>
    refuseAll(folder, [
      ['train --data images --labels unknown.csv --out o', /unknown.csv, row 3: .*lying\/99.png/],
      ['train --data images --labels headless.csv --out o', /headless.csv, row 1: .*path/],
      ['train --data images --labels empty.csv --out o', /empty.csv is empty: write the header path,label/],
      ['train --data images --labels single.csv --out o', /single.csv: every label is 'lying'.*two classes/],
      [
        'train --data images --labels twice.csv --out o',
        /twice.csv, row 3: .*'standing', but 'lying' in row 2/,
      ],
      ['pretrain --data images --labels unknown.csv --out o', /unknown.csv, row 3/],
      [
        'pretrain --data images --method supcon --batch 2 --out o',
        /supcon learns from the labels of at least two classes, and the training images have 0 labels of 0/,
      ],
      ['train --data flat --labels folders --out o', /--labels folders in flat: no image has a label/],
      [
        'train --data images --labels folders --labels-per-class 4 --out o',
        /'lying' has 3 labelled training images, fewer than --labels-per-class 4/,
      ],
      ['train --data images --labels folders --batch 7 --out o', /6 training images .* one batch of 7/],
      [
        'pretrain --data images --batch 6 --chunk 4 --out o',
        /--chunk 4 does not divide the batch of 6 images: take 3 or 6, or another --batch/,
      ],
      ['pretrain --data images --batch 7 --out o', /6 training images .* one batch of 7/],
    ]),
  );
});

test('a place that cannot be written', async () => {
  await inFolder({ ...images, 'file.txt': text.encode('mine') }, (folder) =>
    refuseAll(folder, [
      ['pretrain --data images --batch 2 --out file.txt/run', /--out file.txt\/run cannot be written/],
      ['augment --data images --out none/sheet.png', /--out none\/sheet.png cannot be written/],
    ]),
  );
});

test('a command that draws nothing loads none of the libraries for plots', async () => {
  await inFolder({}, async (folder) => {
    const { code } = await runKindred(folder, ['--help'], { NODE_V8_COVERAGE: 'loaded' });
    assert.is(code, 0);
    const [report] = readdirSync(join(folder, 'loaded'));
    const { result } = JSON.parse(readFileSync(join(folder, 'loaded', report!), 'utf8'));
    const scripts: string[] = result.map(({ url }: { url: string }) => url);
    assert.ok(scripts.some((url) => url.includes('/commander/')));
    assert.equal(
      scripts.filter((url) => /\/(linkedom|@observablehq|d3-[a-z]+)\//.test(url)),
      [],
    );
  });
});

test('a reader that has seen enough is no error', async () => {
  await inFolder({}, async (folder) => {
    const { child, ended } = startKindred(folder, ['--help']);
    child.stdout!.destroy();
    const { code, stderr } = await ended;
    assert.is(stderr, '');
    assert.is(code, 0);
  });
});

testIf(
  process.platform === 'linux',
  'drivers can be hidden on Linux alone',
  'no adapter: what to install',
  async () => {
    // With the system's drivers hidden from the Vulkan loader, and ours not asked for, there is none.
    const hidden = {
      VK_DRIVER_FILES: '/nonexistent',
      VK_ICD_FILENAMES: '/nonexistent',
      KINDRED_DRIVER: 'system',
    };
    await inFolder(images, async (folder) => {
      const says = /no WebGPU adapter was found: run "npm run setup"/;
      const cases = ['train --labels folders --data', 'pretrain --data', 'augment --data'].map(
        (command) => [`${command} images --out o`, says] as const,
      );
      await refuseAll(folder, [...cases, ['doctor', says]], { env: hidden, device: false });
      const misspelt = { KINDRED_DRIVER: 'swiftshade' };
      await refuseAll(folder, [['doctor', /KINDRED_DRIVER is "swiftshade": set it to/]], {
        env: misspelt,
        device: false,
      });
    });
  },
);

test.run();
