import { operators } from './onnx_operators.ts';

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
  const raw = (one(fields, 9) as Uint8Array).slice();
  const decoders: Readonly<Record<number, () => Float64Array>> = {
    1: () => Float64Array.from(new Float32Array(raw.buffer)),
    7: () => Float64Array.from(new BigInt64Array(raw.buffer), Number),
  };
  const decode = decoders[one(fields, 2) as number];
  if (!decode) throw new Error('a tensor that is neither float32 nor int64');
  const data = decode();
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
