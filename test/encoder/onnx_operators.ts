import type { OnnxTensor } from './onnx_reader.ts';
import { tokenOperators } from './vit/token_operators.ts';

/** ONNX's operators in float64 by plain loops, after https://onnx.ai/onnx/operators/ alone. */

type Get = (attribute: string) => number | readonly number[] | undefined;
type Operator = (inputs: readonly OnnxTensor[], get: Get) => OnnxTensor;

/** Broadcasts b to a's shape from the right, as NumPy. */
const elementwise =
  (f: (a: number, b: number) => number): Operator =>
  ([a, b]) => {
    const sides = [...Array(a!.shape.length - b!.shape.length).fill(1), ...b!.shape];
    const data = a!.data.map((value, index) => {
      let rest = index;
      let [from, stride] = [0, 1];
      for (let axis = sides.length - 1; axis >= 0; axis--) {
        const place = rest % a!.shape[axis]!;
        rest = Math.floor(rest / a!.shape[axis]!);
        if (sides[axis] !== 1) from += place * stride;
        stride *= sides[axis]!;
      }
      return f(value, b!.data[from]!);
    });
    return { shape: a!.shape, data };
  };

/** Each output pixel of a window that slides over an image with its input pixels inside the image. */
function slide(
  { shape: [, , height, width] }: OnnxTensor,
  get: Get,
): { sides: [number, number]; taps: (y: number, x: number) => [from: number, tap: number][] } {
  const [kernel, [stride], pads] = ['kernel_shape', 'strides', 'pads'].map(get) as number[][] as [
    number[],
    number[],
    number[],
  ];
  const side = (length: number, axis: number) =>
    Math.floor((length + pads[axis]! + pads[axis + 2]! - kernel[axis]!) / stride!) + 1;
  const taps = (y: number, x: number) => {
    const found: [number, number][] = [];
    for (let u = 0; u < kernel[0]!; u++) {
      for (let v = 0; v < kernel[1]!; v++) {
        const [row, column] = [y * stride! + u - pads[0]!, x * stride! + v - pads[1]!];
        if (row < 0 || column < 0 || row >= height! || column >= width!) continue;
        found.push([row * width! + column, u * kernel[1]! + v]);
      }
    }
    return found;
  };
  return { sides: [side(height!, 0), side(width!, 1)], taps };
}

/** The elements at given places along each axis; 0 at places that an axis does not have. */
function gather({ shape, data }: OnnxTensor, along: readonly (readonly number[])[]): OnnxTensor {
  let places = [0];
  along.forEach((indices, axis) => {
    places = places.flatMap((place) =>
      indices.map((i) => (i < 0 || i >= shape[axis]! ? Number.NaN : place * shape[axis]! + i)),
    );
  });
  return {
    shape: along.map(({ length }) => length),
    data: Float64Array.from(places, (place) => data[place] ?? 0),
  };
}

export const operators: Readonly<Record<string, Operator>> = {
  ...tokenOperators,
  Sub: elementwise((a, b) => a - b),
  Div: elementwise((a, b) => a / b),
  Add: elementwise((a, b) => a + b),
  Mul: elementwise((a, b) => a * b),
  Sqrt: ([x]) => ({ shape: x!.shape, data: x!.data.map(Math.sqrt) }),
  Relu: ([x]) => ({ shape: x!.shape, data: x!.data.map((value) => Math.max(0, value)) }),
  Conv: ([x, weight, bias], get) => {
    const [count, inputs, height, width] = x!.shape as [number, number, number, number];
    const [outputs, , kh, kw] = weight!.shape as [number, number, number, number];
    const { sides, taps } = slide(x!, get);
    const data: number[] = [];
    for (let n = 0; n < count; n++) {
      for (let o = 0; o < outputs; o++) {
        for (let pixel = 0; pixel < sides[0] * sides[1]; pixel++) {
          let sum = bias?.data[o] ?? 0;
          for (const [from, tap] of taps(Math.floor(pixel / sides[1]), pixel % sides[1])) {
            for (let i = 0; i < inputs; i++)
              sum +=
                x!.data[(n * inputs + i) * height * width + from]! *
                weight!.data[(o * inputs + i) * kh * kw + tap]!;
          }
          data.push(sum);
        }
      }
    }
    return { shape: [count, outputs, ...sides], data: Float64Array.from(data) };
  },
  MaxPool: ([x], get) => {
    const [count, channels, height, width] = x!.shape as [number, number, number, number];
    const { sides, taps } = slide(x!, get);
    const data: number[] = [];
    for (let plane = 0; plane < count * channels; plane++) {
      for (let pixel = 0; pixel < sides[0] * sides[1]; pixel++) {
        const seen = taps(Math.floor(pixel / sides[1]), pixel % sides[1]);
        data.push(Math.max(...seen.map(([from]) => x!.data[plane * height * width + from]!)));
      }
    }
    return { shape: [count, channels, ...sides], data: Float64Array.from(data) };
  },
  AveragePool: ([x], get) => {
    const [count, channels, height, width] = x!.shape as [number, number, number, number];
    const [kernel, strides] = ['kernel_shape', 'strides'].map(get) as [number[], number[]];
    if (get('ceil_mode') !== 1 || get('count_include_pad') !== 0 || get('pads'))
      throw new Error('AveragePool');
    const sides = [height, width].map(
      (side, axis) => Math.ceil((side - kernel[axis]!) / strides[axis]!) + 1,
    ) as [number, number];
    const data: number[] = [];
    for (let plane = 0; plane < count * channels; plane++) {
      for (let y = 0; y < sides[0]; y++) {
        for (let z = 0; z < sides[1]; z++) {
          const seen: number[] = [];
          for (let row = y * strides[0]!; row < Math.min(height, y * strides[0]! + kernel[0]!); row++) {
            const [from, to] = [z * strides[1]!, Math.min(width, z * strides[1]! + kernel[1]!)];
            for (let column = from; column < to; column++)
              seen.push(x!.data[(plane * height + row) * width + column]!);
          }
          data.push(seen.reduce((a, b) => a + b, 0) / seen.length);
        }
      }
    }
    return { shape: [count, channels, ...sides], data: Float64Array.from(data) };
  },
  Slice: ([x, starts, ends, axes, steps]) => {
    const along = x!.shape.map((side, axis) => {
      const at = axes!.data.indexOf(axis);
      if (at < 0) return Array.from({ length: side }, (_, i) => i);
      const kept: number[] = [];
      for (let i = starts!.data[at]!; i < Math.min(side, ends!.data[at]!); i += steps?.data[at] ?? 1)
        kept.push(i);
      return kept;
    });
    return gather(x!, along);
  },
  Pad: ([x, pads]) => {
    const rank = x!.shape.length;
    const along = x!.shape.map((side, axis) => {
      const [before, after] = [pads!.data[axis]!, pads!.data[rank + axis]!];
      return Array.from({ length: before + side + after }, (_, i) => i - before);
    });
    return gather(x!, along);
  },
  BatchNormalization: ([x, scale, bias, mean, variance], get) => {
    const pixels = x!.shape[2]! * x!.shape[3]!;
    const data = x!.data.map((value, i) => {
      const c = Math.floor(i / pixels) % x!.shape[1]!;
      const std = Math.sqrt(variance!.data[c]! + (get('epsilon') as number));
      return (scale!.data[c]! * (value - mean!.data[c]!)) / std + bias!.data[c]!;
    });
    return { shape: x!.shape, data };
  },
  GlobalAveragePool: ([x]) => {
    const [count, channels, height, width] = x!.shape as [number, number, number, number];
    const pixels = height * width;
    const data = Float64Array.from({ length: count * channels }, (_, i) =>
      x!.data.subarray(i * pixels, (i + 1) * pixels).reduce((sum, value) => sum + value / pixels, 0),
    );
    return { shape: [count, channels, 1, 1], data };
  },
  Flatten: ([x], get) => {
    const axis = get('axis') as number;
    const size = (sides: readonly number[]) => sides.reduce((a, b) => a * b, 1);
    return { shape: [size(x!.shape.slice(0, axis)), size(x!.shape.slice(axis))], data: x!.data };
  },
  Gemm: ([a, b, c], get) => {
    if (get('transB') !== 1) throw new Error('Gemm without transB');
    const [rows, inner] = a!.shape as [number, number];
    const columns = b!.shape[0]!;
    const data = Float64Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      let sum = c!.data[column]!;
      for (let k = 0; k < inner; k++) sum += a!.data[row * inner + k]! * b!.data[column * inner + k]!;
      return sum;
    });
    return { shape: [rows, columns], data };
  },
};
