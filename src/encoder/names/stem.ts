import type { FoundTensor, PixelNorm } from './found.ts';

/** A layer of the stem: its tensors by the ends of their names. */
interface Layer {
  readonly path: string;
  readonly tensors: Map<string, FoundTensor>;
}

/**
 * torchvision's and timm's names for what runs before the first stage, told by kind and order whatever its layers are
 * called: a convolution and its norm are `conv1` and `bn1`; of several convolutions, each behind the first after norm and
 * ReLU, the first is `conv1.0`, the next `conv1.3`, their norms `conv1.1` and so on, but for the last norm, `bn1`
 * (https://github.com/huggingface/pytorch-image-models/blob/main/timm/models/resnet.py, deep stems).
 * @param stem tensors by what stands behind the encoder's prefix
 */
export function nameStem(stem: readonly (readonly [rest: string, tensor: FoundTensor])[]): {
  named: Map<string, FoundTensor>;
  pixelNorm?: PixelNorm;
} {
  const layers = layersOf(stem);
  const convolutions = layers.filter(({ tensors }) => tensors.get('weight')?.shape.length === 4);
  const norms = layers.filter((layer) => !convolutions.includes(layer) && isNorm(layer));
  const named = new Map<string, FoundTensor>();
  const rename = ({ tensors }: Layer, name: string) => {
    for (const [end, tensor] of tensors) named.set(`${name}.${end}`, tensor);
  };
  const [first] = norms;
  const onPixels =
    norms.length > convolutions.length && first !== undefined && channels(first) === 3 ? first : undefined;
  const own = onPixels ? norms.slice(1) : norms;
  convolutions.forEach((layer, i) => {
    rename(layer, convolutions.length === 1 ? 'conv1' : `conv1.${3 * i}`);
  });
  own.forEach((layer, i) => {
    rename(layer, i === own.length - 1 ? 'bn1' : `conv1.${3 * i + 1}`);
  });
  for (const { path, tensors } of layers.filter(
    (layer) => !convolutions.includes(layer) && !norms.includes(layer),
  ))
    for (const [end, tensor] of tensors) named.set(`${path}.${end}`, tensor);
  return { named, ...(onPixels && { pixelNorm: onPixels.tensors }) };
}

const channels = ({ tensors }: Layer): number | undefined =>
  (tensors.get('weight') ?? tensors.get('running_mean'))?.shape[0];

const isNorm = ({ tensors }: Layer): boolean =>
  [...tensors].some(
    ([end, { shape }]) => /^(?:weight|bias|running_(?:mean|var))$/.test(end) && shape.length === 1,
  );

/** In the order in which they run: by the numbers in their paths, what is called a convolution before its norm. */
function layersOf(stem: readonly (readonly [string, FoundTensor])[]): Layer[] {
  const layers = new Map<string, Layer>();
  for (const [rest, tensor] of stem) {
    const cut = rest.lastIndexOf('.');
    const path = rest.slice(0, cut);
    const layer = layers.get(path) ?? { path, tensors: new Map<string, FoundTensor>() };
    layer.tensors.set(rest.slice(cut + 1), tensor);
    layers.set(path, layer);
  }
  return [...layers.values()].sort((a, b) => comparePaths(a.path, b.path));
}

function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? '', right[i] ?? ''];
    if (x === y) continue;
    const bothNumbers = /^\d+$/.test(x) && /^\d+$/.test(y);
    if (bothNumbers && Number(x) !== Number(y)) return Number(x) - Number(y);
    const [firstX, firstY] = [x.includes('conv'), y.includes('conv')];
    if (firstX !== firstY) return firstX ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}
