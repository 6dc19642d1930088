import { test } from 'uvu';
import { openSource } from '../../../src/data/sources/source.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;

test('a set without its folder, an unknown kind and an empty name are errors that say what to give', async () => {
  for (const name of ['cifar10', 'cifar100', 'stl10', 'idx']) {
    await assertUserError(() => openSource(name, { files }), `${name}:DIR`);
    await assertUserError(() => openSource(`${name}:`, { files }), `${name}:DIR`);
    await assertUserError(
      () => openSource(`${name}:/nowhere/at/all`, { files }),
      'no folder',
      '/nowhere/at/all',
    );
  }
  await assertUserError(
    () => openSource('imagenet:/data', { files }),
    "'imagenet:'",
    'cifar10:DIR',
    'folder',
  );
  await assertUserError(() => openSource('constructor:/data', { files }), "'constructor:'");
  await assertUserError(() => openSource('', { files }), '--data is empty');
});

test('impossible image sizes and limits are errors that name the option', async () => {
  await withFiles({}, async (folder) => {
    for (const imageSize of [0, -1, 1.5, Number.NaN, 5000]) {
      await assertUserError(
        () => openSource(folder, { files, imageSize }),
        `image size ${imageSize}`,
        '--image-size',
      );
    }
    for (const limit of [0, -5, 0.5]) {
      await assertUserError(() => openSource(folder, { files, limit }), `limit ${limit}`, '--limit');
    }
    await assertUserError(() => openSource(folder, { files, testLimit: -1 }), '--test-limit');
  });
});

test.run();
