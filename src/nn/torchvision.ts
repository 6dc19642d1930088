import { basicBlocks, hasDownsample, type ResNetOptions } from './resnet.ts';

/** A tensor as torchvision's state dicts hold it. */
export interface TorchTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * A tensor in PyTorch's layout: convolutions [K, K, Cin, Cout] become OIHW, linear weights [in, out] become [out, in];
 * everything else is as it is.
 * @param shape the engine's
 */
export function toTorch(shape: readonly number[], data: Float32Array): TorchTensor {
  const torch = new Float32Array(data.length);
  if (shape.length === 4) {
    const [kh, kw, inputs, outputs] = shape as [number, number, number, number];
    eachOihw([outputs, inputs, kh, kw], (oihw, hwio) => {
      torch[oihw] = data[hwio]!;
    });
    return { shape: [outputs, inputs, kh, kw], data: torch };
  }
  if (shape.length === 2) {
    const [inputs, outputs] = shape as [number, number];
    data.forEach((value, at) => {
      torch[(at % outputs) * inputs + Math.floor(at / outputs)] = value;
    });
    return { shape: [outputs, inputs], data: torch };
  }
  return { shape, data: Float32Array.from(data) };
}

/** The inverse of `toTorch`: the elements in the engine's order. */
export function fromTorch({ shape, data }: { shape: readonly number[]; data: Float32Array }): Float32Array {
  if (shape.length === 4) {
    const engine = new Float32Array(data.length);
    eachOihw(shape as [number, number, number, number], (oihw, hwio) => {
      engine[hwio] = data[oihw]!;
    });
    return engine;
  }
  // A transposition's inverse is the transposition of the transposed shape.
  return toTorch(shape, data).data;
}

/** Visits every element of convolution weights with its place in either layout. */
function eachOihw(
  [outputs, inputs, kh, kw]: readonly [number, number, number, number],
  visit: (oihw: number, hwio: number) => void,
): void {
  let hwio = 0;
  for (let tap = 0; tap < kh * kw; tap++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) visit((o * inputs + i) * kh * kw + tap, hwio++);
    }
  }
}

/**
 * The tensors of an encoder (see `resnet`) in the order of torchvision's state dict, with their shapes in PyTorch;
 * without the counters of batches.
 */
export function torchShapes(options: ResNetOptions): Map<string, readonly number[]> {
  const { width = 64, stem } = options;
  const shapes = new Map<string, readonly number[]>();
  const convolution = (name: string, outputs: number, inputs: number, kernel: number) =>
    shapes.set(`${name}.weight`, [outputs, inputs, kernel, kernel]);
  const batchNorm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      shapes.set(`${name}.${part}`, [channels]);
  };
  convolution('conv1', width, 3, stem === 'imagenet' ? 7 : 3);
  batchNorm('bn1', width);
  for (const block of basicBlocks(options)) {
    const { name, inputs, outputs } = block;
    convolution(`${name}.conv1`, outputs, inputs, 3);
    batchNorm(`${name}.bn1`, outputs);
    convolution(`${name}.conv2`, outputs, outputs, 3);
    batchNorm(`${name}.bn2`, outputs);
    if (!hasDownsample(block)) continue;
    convolution(`${name}.downsample.0`, outputs, inputs, 1);
    batchNorm(`${name}.downsample.1`, outputs);
  }
  return shapes;
}

/** An encoder's tensors in PyTorch's layout, in the order of torchvision's state dict. */
export function torchTensors(
  options: ResNetOptions,
  tensors: ReadonlyMap<string, Float32Array>,
): Map<string, TorchTensor> {
  const torch = new Map<string, TorchTensor>();
  for (const [name, shape] of torchShapes(options)) {
    const data = tensors.get(name);
    if (!data) throw new Error(`the encoder has no tensor '${name}'`);
    const [outputs, inputs, kh, kw] = shape;
    const engine = shape.length === 4 ? [kh!, kw!, inputs!, outputs!] : shape;
    torch.set(name, toTorch(engine, data));
  }
  return torch;
}
