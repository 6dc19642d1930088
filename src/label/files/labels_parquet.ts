import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ImageLabel } from '../image_label.ts';
import { groupColumn } from './labels_csv.ts';

/** Rows that lie in memory at a time, and are read together. */
const groupRows = 100_000;

/** A column: its name, and what a row has in it. */
interface Column {
  readonly name: string;
  readonly type: 'text' | 'number';
  readonly of: (label: ImageLabel) => string | number;
}

const columns: readonly Column[] = [
  { name: 'path', type: 'text', of: ({ path }) => path },
  { name: 'label', type: 'text', of: ({ label }) => label },
  { name: 'confidence', type: 'number', of: ({ confidence }) => confidence },
  { name: 'margin', type: 'number', of: ({ margin }) => margin },
  { name: 'runner_up', type: 'text', of: ({ runnerUp }) => runnerUp },
  { name: 'status', type: 'text', of: ({ status }) => status },
  { name: 'nearest_labelled', type: 'text', of: ({ nearestLabelled }) => nearestLabelled },
];
const group: Column = { name: groupColumn, type: 'text', of: (label) => label.group ?? '' };

/**
 * labels.parquet, piece by piece: the columns of labels.csv, names and paths as they are (a table file runs no formula),
 * numbers as float32, in groups of 100,000 rows, Snappy.
 */
export function* labelsParquet(labels: readonly ImageLabel[]): Generator<Uint8Array> {
  const own = labels[0]?.group === undefined ? columns : [...columns, group];
  const writer = new ByteWriter(1 << 20);
  const parquet = new ParquetWriter({
    writer,
    createdBy: 'kindred',
    schema: [
      { name: 'labels', num_children: own.length },
      ...own.map(({ name, type }) =>
        type === 'text'
          ? ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' } as const)
          : ({ name, type: 'FLOAT', repetition_type: 'REQUIRED' } as const),
      ),
    ],
  });
  for (let first = 0; first < labels.length; first += groupRows) {
    const rows = labels.slice(first, first + groupRows);
    parquet.write({
      columnData: own.map(({ name, type, of }) => ({
        name,
        data: type === 'text' ? rows.map(of) : Float32Array.from(rows, of as (label: ImageLabel) => number),
      })),
      rowGroupSize: groupRows,
    });
    yield taken(writer);
  }
  parquet.finish();
  yield taken(writer);
}

/** What a writer holds, which it forgets; it goes on counting from there. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}
