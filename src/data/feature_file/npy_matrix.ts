import { UserError } from '../../errors.ts';
import { type ByteSource, ByteStream, pieces } from '../../formats/arrays/byte_source.ts';
import { isFloat } from '../../formats/arrays/elements.ts';
import { floatBlocks, matrixShape, type NpyArray, openNpy, readTexts } from '../../formats/arrays/npy.ts';
import { listZip, openMember, type ZipMember } from '../../formats/arrays/zip.ts';
import { chooseMatrix, pathNames, RowPlacer, type StoredMatrix } from './matrix.ts';

/** The matrix of a .npy file. @throws UserError where it holds another array */
export async function npyMatrix(source: ByteSource): Promise<StoredMatrix> {
  const open = () => openNpy(new ByteStream(pieces(source, 0, source.size)), source.size, source.name);
  const array = await open();
  const shape = matrixShape(array.shape);
  if (array.elements.kind === 'text' || !shape) {
    const what = array.elements.kind === 'text' ? 'text' : 'numbers';
    throw new UserError(
      `${source.name} holds ${what} of the shape ${shapeText(array.shape)}: save a matrix with a row of features for each image`,
    );
  }
  return storedArray(array, shape, open);
}

/**
 * The matrix of a .npz file, and the paths of its rows where it holds them.
 * @throws UserError where none of its arrays, or more than one, could be the features
 */
export async function npzMatrix(source: ByteSource): Promise<StoredMatrix> {
  const { name: file } = source;
  const members = [...(await listZip(source)).values()].filter(({ name }) => name.endsWith('.npy'));
  const names = members.map(({ name }) => name.slice(0, -'.npy'.length));
  if (members.length === 0)
    throw new UserError(`${file} is a zip file without arrays: save the features with numpy.savez`);
  if (names.includes('format') && names.includes('data') && names.includes('shape'))
    throw new UserError(
      `${file} is a sparse matrix of SciPy: save it dense, with numpy.save and its toarray()`,
    );
  const open = (member: ZipMember) =>
    openNpy(openMember(source, member), member.size, `${file}, ${member.name.slice(0, -4)}`);
  const arrays = await Promise.all(
    members.map(async (member, i) => {
      const name = names[i]!;
      const array = await open(member).catch((problem: unknown) => {
        if (problem instanceof UserError) return problem;
        throw problem;
      });
      if (!(array instanceof UserError)) await array.stream.close();
      return { name, member, array };
    }),
  );
  const readable = arrays.flatMap(({ array, ...rest }) =>
    array instanceof UserError ? [] : [{ ...rest, array }],
  );
  const candidates = readable.flatMap(({ name, member, array }) => {
    const shape = matrixShape(array.shape);
    if (array.elements.kind === 'text' || !shape) return [];
    const [rows, columns] = shape;
    return [{ name, member, array, rows, columns, isFloat: isFloat(array.elements.kind) }];
  });
  const problem = arrays.find(({ array }) => array instanceof UserError)?.array;
  if (candidates.length === 0 && problem instanceof UserError) throw problem;
  const others = readable.map(({ name, array }) => `${name} ${shapeText(array.shape)}`);
  const { array, member, rows, columns } = chooseMatrix(candidates, file, others);
  const matrix = storedArray(array, [rows, columns], () => open(member));
  const texts = readable.filter(
    ({ array: { elements, shape } }) =>
      elements.kind === 'text' && shape.length > 0 && shape.every((side, axis) => side === (axis ? 1 : rows)),
  );
  const own =
    texts.find(({ name }) => pathNames.includes(name)) ?? (texts.length === 1 ? texts[0] : undefined);
  if (own) return { ...matrix, paths: await readTexts(await open(own.member)) };
  const pickled = arrays.find(
    ({ name, array: known }) => known instanceof UserError && pathNames.includes(name),
  );
  if (!pickled) return matrix;
  return { ...matrix, pathsProblem: (pickled.array as UserError).message };
}

const shapeText = (shape: readonly number[]) => shape.join(' × ') || '1';

/** @param open the array anew, at its first element */
function storedArray(
  { elements, fortran, name }: NpyArray,
  [rows, columns]: readonly [number, number],
  open: () => Promise<NpyArray>,
): StoredMatrix {
  if (elements.kind === 'text') throw new RangeError(`${name} is no matrix`);
  const { kind, littleEndian } = elements;
  return {
    name,
    rows,
    columns,
    async read(place, target) {
      const { stream } = await open();
      const placer = new RowPlacer({ rows, columns }, fortran, place, target);
      for await (const block of floatBlocks(stream, rows * columns, kind, { littleEndian, name }))
        placer.add(block);
    },
  };
}
