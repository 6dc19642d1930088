/** A tensor as torchvision's state dicts hold it. */
export interface TorchTensor {
  /** Sizes in PyTorch's order of axes. */
  readonly shape: readonly number[];
  /** Elements, row-major. */
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * A tensor in PyTorch's layout: convolutions [K, K, Cin, Cout] become OIHW, linear weights [in, out] become [out, in];
 * everything else is as it is.
 * @param shape the engine's
 * @param data elements in the engine's order, row-major
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

/**
 * A tensor of PyTorch's layout in the engine's: OIHW becomes [K, K, Cin, Cout], linear weights [out, in] become [in, out].
 * @returns the elements, row-major
 */
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
