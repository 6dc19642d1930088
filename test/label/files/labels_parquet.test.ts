import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelsParquet } from '../../../src/label/files/labels_parquet.ts';
import type { ImageLabel } from '../../../src/label/image_label.ts';

const labelOf = (row: number, rest: Partial<ImageLabel> = {}): ImageLabel => ({
  path: `folder, "é"/${row}.png`,
  label: row % 2 ? 'cat' : '=dog',
  // Halves, quarters, eighths: exact in 32 bits.
  confidence: (row % 8) / 8,
  margin: (row % 4) / 4,
  runnerUp: row % 2 ? '=dog' : 'cat',
  status: row % 3 ? 'auto' : 'review',
  nearestLabelled: `folder, "é"/${row % 7}.png`,
  ...rest,
});
const written = async (labels: readonly ImageLabel[]) =>
  new Blob([...labelsParquet(labels)] as Uint8Array<ArrayBuffer>[]).arrayBuffer();

test('every row comes back, over the bounds of groups of rows, names as they are', async () => {
  const labels = Array.from({ length: 100_003 }, (_, row) => labelOf(row));
  const file = await written(labels);
  const { row_groups: groups, num_rows: count } = parquetMetadata(file);
  assert.equal([groups.length, count], [2, 100_003n]);
  const rows = await parquetReadObjects({ file });
  for (const row of [0, 1, 50_000, 99_999, 100_000, 100_002]) {
    const { runnerUp: runner_up, nearestLabelled: nearest_labelled, ...same } = labels[row]!;
    assert.equal(rows[row], { ...same, runner_up, nearest_labelled });
  }
  assert.ok(rows.every(({ path }, row) => path === labels[row]!.path));
});

test('groups are a further column, and no label is a table without rows', async () => {
  const [row] = await parquetReadObjects({ file: await written([labelOf(1, { group: 'p1' })]) });
  assert.is(row!.group, 'p1');
  assert.equal(await parquetReadObjects({ file: await written([]) }), []);
});

test.run();
