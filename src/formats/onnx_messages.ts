import { Message } from './protobuf.ts';

/**
 * ONNX's messages as far as a feed-forward network needs them. Field numbers are those of onnx.proto3:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3
 */
const fields = {
  model: { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsetImport: 8, metadata: 14 },
  opset: { domain: 1, version: 2 },
  entry: { key: 1, value: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12 },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5 },
  attribute: { name: 1, float: 2, integer: 3, integers: 8, type: 20 },
  tensor: { dims: 1, dataType: 2, name: 8, rawData: 9 },
  valueInfo: { name: 1, type: 2 },
  type: { tensor: 1 },
  tensorType: { elementType: 1, shape: 2 },
  shape: { dimension: 1 },
  dimension: { value: 1, parameter: 2 },
} as const;

const attributeTypes = { float: 1, integer: 2, integers: 7 } as const;
/** TensorProto.DataType.FLOAT and .INT64 */
const [float32, int64] = [1, 7];

/** The standard operators' version, and the format's version that came with it (ONNX 1.12). */
const opset = 17;
const irVersion = 8;

/** Numbers of an operator: one whole number, a list of them, or a float. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** One operator. The node bears the name of its output, which must be unique in a graph. */
export function node(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
): Message {
  const { node: field } = fields;
  return new Message()
    .texts(field.input, inputs)
    .texts(field.output, [output])
    .text(field.name, output)
    .text(field.opType, opType)
    .messages(
      field.attribute,
      Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    );
}

function attribute(name: string, value: Attributes[string]): Message {
  const { attribute: field } = fields;
  const message = new Message().text(field.name, name);
  if (typeof value === 'number') {
    return message.integer(field.integer, value).integer(field.type, attributeTypes.integer);
  }
  if ('float' in value) {
    return message.float(field.float, value.float).integer(field.type, attributeTypes.float);
  }
  return message.integers(field.integers, value).integer(field.type, attributeTypes.integers);
}

/**
 * A constant of the graph, f32 and row-major. Little-endian, as ONNX wants it and every machine that runs WebGPU has
 * it.
 */
export function tensor(name: string, shape: readonly number[], data: Float32Array): Message {
  return constant(name, shape, float32, data);
}

/** A constant list of whole numbers, i64. */
export function integers(name: string, values: readonly number[]): Message {
  return constant(name, [values.length], int64, BigInt64Array.from(values, BigInt));
}

function constant(
  name: string,
  shape: readonly number[],
  dataType: number,
  { buffer, byteOffset, byteLength }: Float32Array | BigInt64Array,
): Message {
  const { tensor: field } = fields;
  return new Message()
    .integers(field.dims, shape)
    .integer(field.dataType, dataType)
    .text(field.name, name)
    .bytes(field.rawData, new Uint8Array(buffer, byteOffset, byteLength));
}

/** An f32 input or output of the graph; a side that is a name may have any length. */
export function valueInfo(name: string, shape: readonly (number | string)[]): Message {
  const { dimension: field } = fields;
  const sides = shape.map((side) =>
    typeof side === 'number'
      ? new Message().integer(field.value, side)
      : new Message().text(field.parameter, side),
  );
  const type = new Message()
    .integer(fields.tensorType.elementType, float32)
    .message(fields.tensorType.shape, new Message().messages(fields.shape.dimension, sides));
  return new Message()
    .text(fields.valueInfo.name, name)
    .message(fields.valueInfo.type, new Message().message(fields.type.tensor, type));
}

/** A network: its operators, constants, inputs and outputs, as `node`, `tensor` and `valueInfo` make them. */
export interface Graph {
  /** For viewers. */
  readonly name: string;
  /** In an order in which they can run. */
  readonly nodes: readonly Message[];
  /** The constants. */
  readonly initializers: readonly Message[];
  /** Values that a runtime is given, as `valueInfo` makes them. */
  readonly inputs: readonly Message[];
  /** Values that a runtime gives back, as `valueInfo` makes them. */
  readonly outputs: readonly Message[];
}

/**
 * A whole file of one graph.
 * @param producerVersion kindred's
 * @param metadata properties that a runtime hands to its user
 */
export function model(
  graph: Graph,
  producerVersion: string,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const { model: field, graph: part } = fields;
  const body = new Message()
    .messages(part.node, graph.nodes)
    .text(part.name, graph.name)
    .messages(part.initializer, graph.initializers)
    .messages(part.input, graph.inputs)
    .messages(part.output, graph.outputs);
  const properties = Object.entries(metadata).map(([key, value]) =>
    new Message().text(fields.entry.key, key).text(fields.entry.value, value),
  );
  return new Message()
    .integer(field.irVersion, irVersion)
    .text(field.producerName, 'kindred')
    .text(field.producerVersion, producerVersion)
    .message(field.graph, body)
    .message(
      field.opsetImport,
      new Message().text(fields.opset.domain, '').integer(fields.opset.version, opset),
    )
    .messages(field.metadata, properties)
    .encode();
}
