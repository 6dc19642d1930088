/**
 * Reads ONNX files and computes what they say, in float64 and by plain loops: written after the specifications alone
 * (https://protobuf.dev/programming-guides/encoding/, https://onnx.ai/onnx/operators/), apart from what writes them.
 */

/** Fields of one message by number, in order: varints as numbers, everything else as bytes. */
type Fields = Map<number, (number | Uint8Array)[]>;

function readMessage(bytes: Uint8Array): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    if (at + length > bytes.length) throw new Error(`a field of ${length} bytes ends beyond its message`);
    return bytes.subarray(at, (at += length));
  };
  while (at < bytes.length) {
    const tag = varint();
    const readers = { 0: varint, 1: () => take(8), 2: () => take(varint()), 5: () => take(4) };
    const read = readers[(tag & 7) as keyof typeof readers];
    if (!read) throw new Error(`wire type ${tag & 7}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), read()]);
  }
  return fields;
}

const text = (value: number | Uint8Array | undefined) => new TextDecoder().decode(value as Uint8Array);
const all = (fields: Fields, number: number) => (fields.get(number) ?? []) as Uint8Array[];
const messages = (fields: Fields, number: number) => all(fields, number).map(readMessage);
const texts = (fields: Fields, number: number) => all(fields, number).map(text);
const one = (fields: Fields, number: number) => fields.get(number)?.[0];

function packed(bytes: number | Uint8Array | undefined): number[] {
  const field = Uint8Array.of(8);
  const numbers: number[] = [];
  let start = 0;
  const data = (bytes ?? new Uint8Array()) as Uint8Array;
  data.forEach((byte, i) => {
    if (byte >= 128) return;
    numbers.push(one(readMessage(Uint8Array.of(...field, ...data.subarray(start, i + 1))), 1) as number);
    start = i + 1;
  });
  return numbers;
}

export interface OnnxTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, number | readonly number[]>;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: readonly OnnxNode[];
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** Name and sides; a side that may have any length is its name. */
  readonly inputs: readonly [string, readonly (number | string)[]][];
  readonly outputs: readonly [string, readonly (number | string)[]][];
}

export function readOnnx(bytes: Uint8Array): OnnxModel {
  const file = readMessage(bytes);
  const graph = messages(file, 7)[0]!;
  return {
    irVersion: one(file, 1) as number,
    opset: one(messages(file, 8)[0]!, 2) as number,
    metadata: Object.fromEntries(
      messages(file, 14).map((entry) => [text(one(entry, 1)), text(one(entry, 2))]),
    ),
    nodes: messages(graph, 1).map(readNode),
    constants: new Map(messages(graph, 5).map(readTensor)),
    inputs: messages(graph, 11).map(readValueInfo),
    outputs: messages(graph, 12).map(readValueInfo),
  };
}

function readNode(fields: Fields): OnnxNode {
  return {
    inputs: texts(fields, 1),
    outputs: texts(fields, 2),
    name: text(one(fields, 3)),
    opType: text(one(fields, 4)),
    attributes: new Map(messages(fields, 5).map(readAttribute)),
  };
}

function readAttribute(fields: Fields): [string, number | readonly number[]] {
  const name = text(one(fields, 1));
  const float = one(fields, 2) as Uint8Array;
  switch (one(fields, 20)) {
    case 1:
      return [name, new DataView(float.slice().buffer).getFloat32(0, true)];
    case 2:
      return [name, one(fields, 3) as number];
    case 7:
      return [name, packed(one(fields, 8))];
    default:
      throw new Error(`attribute ${name} of type ${one(fields, 20)}`);
  }
}

function readTensor(fields: Fields): [string, OnnxTensor] {
  if (one(fields, 2) !== 1) throw new Error('a tensor that is not float32');
  const raw = (one(fields, 9) as Uint8Array).slice();
  const data = Float64Array.from(new Float32Array(raw.buffer));
  return [text(one(fields, 8)), { shape: packed(one(fields, 1)), data }];
}

function readValueInfo(fields: Fields): [string, readonly (number | string)[]] {
  const type = messages(messages(fields, 2)[0]!, 1)[0]!;
  if (one(type, 1) !== 1) throw new Error('a value that is not float32');
  const sides = messages(messages(type, 2)[0]!, 1).map((side) =>
    side.has(1) ? (one(side, 1) as number) : text(one(side, 2)),
  );
  return [text(one(fields, 1)), sides];
}

/** Runs the graph; every value by its name. */
export function evaluate(model: OnnxModel, images: OnnxTensor): Map<string, OnnxTensor> {
  const values = new Map<string, OnnxTensor>([...model.constants, [model.inputs[0]![0], images]]);
  for (const { opType, inputs, outputs, attributes } of model.nodes) {
    const operator = operators[opType];
    if (!operator) throw new Error(`operator ${opType}`);
    const given = inputs.map((name) => {
      const value = values.get(name);
      if (!value) throw new Error(`${opType} reads ${name} before it is there`);
      return value;
    });
    values.set(
      outputs[0]!,
      operator(given, (name) => attributes.get(name)),
    );
  }
  return values;
}

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

const operators: Readonly<Record<string, Operator>> = {
  Sub: elementwise((a, b) => a - b),
  Div: elementwise((a, b) => a / b),
  Add: elementwise((a, b) => a + b),
  Relu: ([x]) => ({ shape: x!.shape, data: x!.data.map((value) => Math.max(0, value)) }),
  Conv: ([x, weight], get) => {
    const [count, inputs, height, width] = x!.shape as [number, number, number, number];
    const [outputs, , kh, kw] = weight!.shape as [number, number, number, number];
    const { sides, taps } = slide(x!, get);
    const data: number[] = [];
    for (let n = 0; n < count; n++) {
      for (let o = 0; o < outputs; o++) {
        for (let pixel = 0; pixel < sides[0] * sides[1]; pixel++) {
          let sum = 0;
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
  ReduceL2: ([x], get) => {
    const axes = get('axes') as readonly number[];
    if (axes.length !== 1 || axes[0] !== 1 || get('keepdims') !== 1)
      throw new Error('ReduceL2 of other axes');
    const [rows, columns] = x!.shape as [number, number];
    const data = Float64Array.from({ length: rows }, (_, row) =>
      Math.hypot(...x!.data.subarray(row * columns, (row + 1) * columns)),
    );
    return { shape: [rows, 1], data };
  },
  Max: ([x, least]) => ({ shape: x!.shape, data: x!.data.map((value) => Math.max(value, least!.data[0]!)) }),
  Softmax: ([x]) => {
    const columns = x!.shape[1]!;
    const data = x!.data.map((value, i) => {
      const row = x!.data.subarray(i - (i % columns), i - (i % columns) + columns);
      const largest = Math.max(...row);
      return Math.exp(value - largest) / row.reduce((sum, other) => sum + Math.exp(other - largest), 0);
    });
    return { shape: x!.shape, data };
  },
};
