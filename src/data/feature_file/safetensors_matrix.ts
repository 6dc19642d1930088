import { UserError } from '../../errors.ts';
import { type ByteSource, ByteStream, pieces } from '../../formats/arrays/byte_source.ts';
import { elementKind, isFloat } from '../../formats/arrays/elements.ts';
import { floatBlocks, matrixShape } from '../../formats/arrays/npy.ts';
import { locateTensors, safetensorsHead } from '../../formats/safetensors.ts';
import { chooseMatrix, pathNames, RowPlacer, type StoredMatrix } from './matrix.ts';

/** Whether bytes begin as a safetensors file does: a header's length, and the header's bracket. */
export const isSafetensors = (bytes: Uint8Array): boolean =>
  bytes.length > 8 && bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0);

/**
 * The matrix of a safetensors file, and the paths of its rows where a tensor of bytes holds them as a JSON list, as in
 * what `encodeFeatures` writes.
 * @throws UserError where none of its tensors, or more than one, could be the features
 */
export async function safetensorsMatrix(source: ByteSource): Promise<StoredMatrix> {
  const { name: file, size } = source;
  const head = await source.read(0, safetensorsHead(await source.read(0, 8)));
  const { entries } = locateTensors(head, size, file);
  const candidates = entries.flatMap(({ name, dtype, shape, begin }) => {
    const kind = elementKind(dtype);
    const sides = matrixShape(shape);
    if (kind === undefined || !sides) return [];
    const [rows, columns] = sides;
    return [{ name, kind, begin, rows, columns, isFloat: isFloat(kind) }];
  });
  const others = entries.map(({ name, shape }) => `${name} ${shape.join(' × ') || '1'}`);
  const { name, kind, begin, rows, columns } = chooseMatrix(candidates, file, others);
  const matrix: StoredMatrix = {
    name: `${file}, ${name}`,
    rows,
    columns,
    async read(place, target) {
      const stream = new ByteStream(pieces(source, begin, size - begin));
      const placer = new RowPlacer({ rows, columns }, false, place, target);
      const options = { littleEndian: true, name: `${file}, ${name}` };
      for await (const block of floatBlocks(stream, rows * columns, kind, options)) placer.add(block);
    },
  };
  const own = entries.find(
    ({ name: other, dtype, shape }) => dtype === 'U8' && shape.length === 1 && pathNames.includes(other),
  );
  if (!own) return matrix;
  const paths = pathList(await source.read(own.begin, own.end - own.begin));
  if (!paths || paths.length !== rows)
    throw new UserError(
      `${file} has ${rows} rows of ${name}, but its tensor ${own.name} is no JSON list of as many paths: export it again`,
    );
  return { ...matrix, paths };
}

/** A JSON list of texts; undefined for anything else. */
function pathList(bytes: Uint8Array): string[] | undefined {
  try {
    const list: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
