import type { StoredTensor } from '../../formats/safetensors.ts';
import { type Normalisation, perChannel, type Rgb } from '../../ops/augment.ts';
import type { PixelNorm } from './found.ts';

/** What PyTorch's batch norm adds to a variance. */
const epsilon = 1e-5;

/**
 * The normalisation that a model carries with it as two buffers of three numbers, as in `normalizer.new_mean` and
 * `normalizer.new_std` (https://github.com/MadryLab/robustness/blob/master/robustness/helpers.py), `pixel_mean` and
 * `pixel_std`, or torchvision's Normalize within a module. Undefined where there is none, or where several differ.
 */
export function storedNormalisation(tensors: ReadonlyMap<string, StoredTensor>): Normalisation | undefined {
  const found = new Map<string, Normalisation>();
  for (const [name, tensor] of tensors) {
    const [, before] = /^((?:.*\.)?(?:new_|pixel_|image_)?)mean$/s.exec(name) ?? [];
    if (before === undefined) continue;
    const [mean, std] = [rgb(tensor), rgb(tensors.get(`${before}std`))];
    if (!mean || !std || std.some((value) => value <= 0)) continue;
    // Levels of 0 to 255, or shares of 1.
    const white = Math.max(...mean, ...std) > 4 ? 255 : 1;
    const scaled = { mean: shared(mean, white), std: shared(std, white) };
    found.set(JSON.stringify(scaled), scaled);
  }
  return found.size === 1 ? [...found.values()][0] : undefined;
}

const shared = ([r, g, b]: Rgb, white: number): Rgb => [r / white, g / white, b / white];

/** Three finite numbers, whatever axes of 1 stand around them. */
function rgb(tensor: StoredTensor | undefined): Rgb | undefined {
  if (!tensor || (tensor.dtype !== 'F32' && tensor.dtype !== 'F64') || tensor.data.length !== 3)
    return undefined;
  const [r, g, b] = tensor.data as Float32Array;
  return [r!, g!, b!].every(Number.isFinite) ? [r!, g!, b!] : undefined;
}

/**
 * The batch norm that an encoder puts before its first convolution, as a further normalisation of pixels that are
 * normalised already: (x − mean) / std. Undefined where its tensors are not four of three numbers, or turn a channel
 * around.
 */
export function pixelNormScale(norm: PixelNorm): Normalisation | undefined {
  const [weight, bias, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
    rgb(norm.get(part)),
  );
  if (!mean || !variance) return undefined;
  // weight · (x − mean) / √(variance + ε) + bias
  const std = variance.map((value, c) => Math.sqrt(value + epsilon) / (weight?.[c] ?? 1));
  if (!std.every((value) => value > 0 && Number.isFinite(value))) return undefined;
  const shifted = mean.map((value, c) => value - (bias?.[c] ?? 0) * std[c]!);
  return { mean: shifted as unknown as Rgb, std: std as unknown as Rgb };
}

/** One normalisation that does what two do one after the other: ((x − a) / b − c) / d = (x − (a + b · c)) / (b · d). */
export function normaliseTwice(first: Normalisation, second: Normalisation): Normalisation {
  const [a, b] = [perChannel(first.mean), perChannel(first.std)];
  const [c, d] = [perChannel(second.mean), perChannel(second.std)];
  const each = (value: (channel: 0 | 1 | 2) => number): Rgb => [value(0), value(1), value(2)];
  return { mean: each((i) => a[i] + b[i] * c[i]), std: each((i) => b[i] * d[i]) };
}
