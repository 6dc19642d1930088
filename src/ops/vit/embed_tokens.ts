import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  embedTokens as embedTokensKernel,
  imageSums,
  patchGradient,
  type TokenShape,
} from '../../kernels/vit/tokens.ts';

/** y = [class token; registers; patches] + positions, the same for all images but for the patches. */
export const embedTokensOp: Op<null, undefined> = {
  name: 'embed_tokens',
  infer(inputs) {
    const [patches, positions, classToken, registers] = inputs;
    const channels = patches!.shape[2];
    const rows = [positions, classToken, registers].filter((tensor) => tensor !== undefined);
    const areRows = rows.every(({ shape }) => shape.length === 2 && shape[1] === channels);
    const fits = patches!.shape.length === 3 && areRows && classToken!.shape[0] === 1;
    const placed = fits ? positions!.shape[0]! - patches!.shape[1]! : 0;
    const leading = 1 + (registers?.shape[0] ?? 0);
    requireShapes(
      'embed_tokens',
      inputs,
      fits && placed >= 0 && placed <= leading,
      'patches [N, P, C], positions [P, C] with more rows in front for tokens before the patches, a class token [1, C] and registers [R, C]',
    );
    const [images, count] = patches!.shape;
    return [{ shape: [images!, leading + count!, channels!], dtype: 'f32' }];
  },
  forward(run, inputs, [y]) {
    const [patches, positions, classToken, registers] = inputs;
    run.dispatch(embedTokensKernel(describe(inputs)), {
      patches: patches!,
      positions: positions!,
      class_token: classToken!,
      // Where there are none the kernel does not read their binding, which then needs some buffer to be valid.
      registers: registers ?? classToken!,
      y: y!,
    });
    return undefined;
  },
  backward(run, { inputs }, [dy], [dPatches, dPositions, dClassToken, dRegisters]) {
    const shape = describe(inputs);
    const { leading, placed, tokens } = shape;
    const sum = (total: Tensor, first: number, rows: number, to = 0) => {
      if (rows > 0) run.dispatch(imageSums(shape, { first, rows, to }), { dy: dy!, total });
    };
    if (dPatches) run.dispatch(patchGradient(shape), { dy: dy!, dpatches: dPatches });
    if (dPositions) sum(dPositions, 0, placed);
    if (dPositions) sum(dPositions, leading, tokens - leading, placed);
    if (dClassToken) sum(dClassToken, 0, 1);
    if (dRegisters) sum(dRegisters, 1, leading - 1);
  },
  // A rounding forward; backward a sum over the images.
  tolerance: 2e-6,
};

function describe([patches, positions, , registers]: readonly Tensor[]): TokenShape {
  const [images, count, channels] = patches!.shape as [number, number, number];
  const leading = 1 + (registers?.shape[0] ?? 0);
  return { images, tokens: leading + count, channels, leading, placed: positions!.shape[0]! - count };
}

/** What stands before an image's patches, and where everything is. */
export interface TokenTensors {
  /** Positions [P, C], or with rows in front for the first of the tokens before the patches. */
  readonly positions: Tensor;
  /** The first token, [1, C]. */
  readonly classToken: Tensor;
  /** Tokens [R, C] between it and the patches, which have nothing to say (Darcet et al. 2023, arXiv 2309.16588). */
  readonly registers?: Tensor | undefined;
}

/**
 * Puts a class token and registers before the patches [N, P, C] of each image and adds positions: [N, 1 + R + P, C].
 * @throws ShapeError where the shapes do not fit
 */
export function embedTokens(patches: Tensor, { positions, classToken, registers }: TokenTensors): Tensor {
  const inputs = [patches, positions, classToken, ...(registers ? [registers] : [])];
  return apply(embedTokensOp, inputs, null);
}
