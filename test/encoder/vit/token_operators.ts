import { erf } from '../../twins/vit.ts';
import type { OnnxTensor } from '../onnx_reader.ts';

/** ONNX's operators of vision transformers in float64 by plain loops, after https://onnx.ai/onnx/operators/ alone. */

type Get = (attribute: string) => number | readonly number[] | undefined;
type Operator = (inputs: readonly OnnxTensor[], get: Get) => OnnxTensor;

const size = (sides: readonly number[]) => sides.reduce((a, b) => a * b, 1);

/** Rows along the last axis, each by itself. */
function byRow({ shape, data }: OnnxTensor, f: (row: Float64Array) => Float64Array): OnnxTensor {
  const columns = shape.at(-1)!;
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += columns)
    result.set(f(data.subarray(start, start + columns)), start);
  return { shape, data: result };
}

const mean = (row: Float64Array) => row.reduce((a, b) => a + b, 0) / row.length;

export const tokenOperators: Readonly<Record<string, Operator>> = {
  Erf: ([x]) => ({ shape: x!.shape, data: x!.data.map(erf) }),
  Reshape: ([x, shape]) => ({
    shape: Array.from(shape!.data, (side, axis) => (side === 0 ? x!.shape[axis]! : side)),
    data: x!.data,
  }),
  Transpose: ([x], get) => {
    const perm = get('perm') as number[];
    const shape = perm.map((axis) => x!.shape[axis]!);
    const strides = x!.shape.map((_, axis) => size(x!.shape.slice(axis + 1)));
    const data = x!.data.map((_, index) => {
      let [rest, from] = [index, 0];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += (rest % shape[axis]!) * strides[perm[axis]!]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      return x!.data[from]!;
    });
    return { shape, data };
  },
  LayerNormalization: ([x, scale, bias], get) => {
    if (get('axis') !== x!.shape.length - 1) throw new Error('LayerNormalization over several axes');
    return byRow(x!, (row) => {
      const centre = mean(row);
      const deviation = Math.sqrt(
        mean(row.map((value) => (value - centre) ** 2)) + (get('epsilon') as number),
      );
      return row.map((value, c) => (scale!.data[c]! * (value - centre)) / deviation + bias!.data[c]!);
    });
  },
  Softmax: ([x], get) => {
    if (get('axis') !== x!.shape.length - 1) throw new Error('Softmax over another axis than the last');
    return byRow(x!, (row) => {
      const largest = Math.max(...row);
      const powers = row.map((value) => Math.exp(value - largest));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((power) => power / sum);
    });
  },
  MatMul: ([a, b]) => {
    const [inner, columns] = b!.shape.slice(-2) as [number, number];
    const rows = a!.shape.at(-2)!;
    const each = inner * columns;
    const many = b!.data.length > each;
    const data = Float64Array.from({ length: (a!.data.length / inner) * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const start = many ? Math.floor(row / rows) * each : 0;
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += a!.data[row * inner + k]! * b!.data[start + k * columns + column]!;
      return sum;
    });
    return { shape: [...a!.shape.slice(0, -1), columns], data };
  },
  ReduceMean: ([x], get) => {
    const [images, rows, columns] = x!.shape as [number, number, number];
    if (String(get('axes')) !== '1' || get('keepdims') !== 0) throw new Error('ReduceMean of other axes');
    const data = Float64Array.from({ length: images * columns }, (_, i) => {
      const [image, column] = [Math.floor(i / columns), i % columns];
      return mean(
        Float64Array.from({ length: rows }, (_, row) => x!.data[(image * rows + row) * columns + column]!),
      );
    });
    return { shape: [images, columns], data };
  },
  Concat: (inputs, get) => {
    if (get('axis') !== 1 || inputs.some(({ shape }) => shape.length !== 2)) throw new Error('Concat');
    const [rows] = inputs[0]!.shape as [number];
    const data = Array.from({ length: rows }, (_, row) =>
      inputs.flatMap(({ shape, data: own }) => [...own.subarray(row * shape[1]!, (row + 1) * shape[1]!)]),
    ).flat();
    return { shape: [rows, data.length / rows], data: Float64Array.from(data) };
  },
};
