import type { Entry } from '../autograd/parameters.ts';

/** A tensor as torchvision's state dicts hold it. */
export interface TorchTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * A tensor in PyTorch's layout: convolutions [K, K, Cin, Cout] become OIHW, linear weights [in, out] become [out, in];
 * everything else is as it is.
 */
export function toTorch({ tensor }: Entry, data: Float32Array): TorchTensor {
  const { shape } = tensor;
  if (shape.length === 4) {
    const [kh, kw, inputs, outputs] = shape as [number, number, number, number];
    const torch = new Float32Array(data.length);
    let at = 0;
    for (let tap = 0; tap < kh * kw; tap++) {
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) torch[(o * inputs + i) * kh * kw + tap] = data[at++]!;
      }
    }
    return { shape: [outputs, inputs, kh, kw], data: torch };
  }
  if (shape.length === 2) {
    const [inputs, outputs] = shape as [number, number];
    const torch = new Float32Array(data.length);
    data.forEach((value, at) => {
      torch[(at % outputs) * inputs + Math.floor(at / outputs)] = value;
    });
    return { shape: [outputs, inputs], data: torch };
  }
  return { shape, data: Float32Array.from(data) };
}
