import { test } from 'uvu';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;

test('a set without its folder, an unknown kind and an empty name are errors that say what to give', async () => {
  for (const name of ['cifar10', 'cifar100', 'stl10', 'idx']) {
    await assertUserError(() => openStream(name, { files }), `${name}:DIR`);
    await assertUserError(() => openStream(`${name}:`, { files }), `${name}:DIR`);
    await assertUserError(
      () => openStream(`${name}:/nowhere/at/all`, { files }),
      'no folder',
      '/nowhere/at/all',
    );
  }
  await assertUserError(
    () => openStream('imagenet:/data', { files }),
    "'imagenet:'",
    'cifar10:DIR',
    'folder',
  );
  await assertUserError(() => openStream('constructor:/data', { files }), "'constructor:'");
  await assertUserError(() => openStream('', { files }), 'data is empty');
});

test('impossible image sizes and limits are errors that name the option', async () => {
  await withFiles({}, async (folder) => {
    for (const imageSize of [0, -1, 1.5, Number.NaN, 5000]) {
      await assertUserError(
        () => openStream(folder, { files, imageSize }),
        `image size ${imageSize}`,
        'give imageSize a whole number',
      );
    }
    for (const limit of [0, -5, 0.5]) {
      await assertUserError(() => openStream(folder, { files, limit }), `limit ${limit}`, 'give limit a');
    }
    await assertUserError(() => openStream(folder, { files, testLimit: -1 }), 'give testLimit a');
  });
});

test.run();
