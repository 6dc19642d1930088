import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readHead } from '../../../src/encoder/classifier_head.ts';
import { decodeSafetensors } from '../../../src/formats/safetensors.ts';
import { writeRunFiles } from '../../../src/label/files/run_files.ts';
import { rowsOf } from '../../../src/label/scan/features.ts';
import { largestIndex } from '../../../src/numerics/linear_algebra.ts';
import { headLogits } from '../../../src/numerics/linear_head.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { assertUserError, withFiles } from '../../data/temporary.ts';
import { classes, label, make } from '../made_labelling.ts';

const options = { classes, auditSize: 10 };

test('labels from features alone are written without an encoder, with a head that names what it stands on', async () => {
  const made = make(20, 1);
  const result = await label(made);
  await withFiles({}, async (folder) => {
    const written = await writeRunFiles({ files, folder }, made.stream, result, options);
    assert.equal(readdirSync(folder).sort(), [...written].sort());
    assert.not.ok(written.includes('encoder.safetensors'));
    const bytes = readFileSync(join(folder, 'head.safetensors'));
    assert.is(decodeSafetensors(bytes, 'head').metadata.features, 'features.npy');
    const head = readHead(bytes, 'head');
    const images = Int32Array.from(made.truth.keys());
    const logits = headLogits(head, rowsOf(made.features, images));
    // The file holds float32 of float64 weights; classes lie far apart.
    assert.equal(
      Array.from(images, (image) => largestIndex(logits.subarray(2 * image, 2 * image + 2))),
      [...made.truth],
    );
  });
});

test('a head is never put beside an encoder that it does not stand on', async () => {
  const made = make(20, 1);
  const result = await label(made);
  await withFiles({}, async (folder) => {
    writeFileSync(join(folder, 'encoder.safetensors'), 'of an earlier run');
    await assertUserError(
      () => writeRunFiles({ files, folder }, made.stream, result, options),
      'encoder.safetensors',
      'features.npy',
      'as out',
    );
    assert.not.ok(existsSync(join(folder, 'labels.csv')));
  });
});

test.run();
