import type * as library from '../../src/index.ts';

/**
 * Features of a small DINOv2 through the library's public API. Weights and pixels come from whole numbers, so that no file
 * need travel; the function refers to nothing but its arguments: its text runs in a page as it stands.
 */
export async function vitFeatures({
  Engine,
  createEncoder,
  architectureOf,
}: typeof library): Promise<{ features: number[]; adapter: string }> {
  const engine = await Engine.create();
  try {
    const numbers = (count: number, from: number) =>
      Float32Array.from(
        { length: count },
        (_, at) => ((((at + from) * (at + 3 * from) * 31) % 251) - 125) / 250,
      );
    const architecture = architectureOf({
      ...({ family: 'vit', patch: 7, grid: 5, width: 64, depth: 2, heads: 2 } as const),
      ...({ layerScale: true, registers: 4, pooling: 'both' } as const),
    });
    const parameters = engine.parameters();
    const encoder = createEncoder({ parameters, seed: 0 }, architecture);
    parameters.entries.forEach(({ name, tensor: { size } }, at) => {
      parameters.write(name, numbers(size, at + 1));
    });
    const images = engine.input([3, 35, 35, 4], 'f32', numbers(3 * 35 * 35 * 4, 77));
    const program = await engine.compile(() => ({ features: encoder.forward(images) }), { training: false });
    program.run();
    const { features } = await program.read();
    return { features: [...features], adapter: engine.gpu.capabilities.description };
  } finally {
    engine.destroy();
  }
}
