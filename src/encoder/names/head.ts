import type { StoredTensor } from '../../formats/safetensors.ts';
import type { LinearHead } from '../../numerics/linear_head.ts';

/** The classifier that a file of weights holds beside its encoder. */
export interface FoundHead extends LinearHead {
  /** Its name in the file, without `.weight`. */
  readonly name: string;
}

/** What torchvision, timm, transformers, pretrainedmodels, OpenMMLab and others call a classifier on raw features. */
const classifier =
  /(?:^|\.)(?:compressible_)?(?:fc|linear|last_linear|logits|head|head\.fc|cls_head|classifier|classifier\.\d|(?:online|linear)_classifier)\.weight$/;

/**
 * The linear layer of a file that classifies an encoder's features: one by its name, which takes as many numbers as the
 * encoder gives. Undefined where there is none, or where several could be meant.
 * @param prefix of the encoder; of a query encoder, whose `fc` is MoCo's projection, there is none
 * @param featureSize numbers that the encoder gives for an image
 */
export function findHead(
  tensors: ReadonlyMap<string, StoredTensor>,
  prefix: string,
  featureSize: number,
): FoundHead | undefined {
  if (/(?:^|[._])(?:q|k|query|key)\.$/.test(prefix)) return undefined;
  const heads = [...tensors].flatMap(([name, { shape }]) => {
    const fits = classifier.test(name) && shape.length === 2 && shape[0]! >= 2 && shape[1] === featureSize;
    return fits ? [name.slice(0, -'.weight'.length)] : [];
  });
  const inside = heads.filter((name) => name.startsWith(prefix));
  const [name, another] = inside.length > 0 ? inside : heads;
  if (name === undefined || another !== undefined) return undefined;
  const weight = floats(tensors.get(`${name}.weight`)!);
  const stored = tensors.get(`${name}.bias`);
  const bias = stored ? floats(stored) : weight && new Float64Array(weight.length / featureSize);
  if (!weight || !bias || bias.length !== weight.length / featureSize) return undefined;
  return { name, weight, bias };
}

/** Finite floats; undefined where they are not. */
function floats({ dtype, data }: StoredTensor): Float64Array | undefined {
  if (dtype !== 'F32' && dtype !== 'F64') return undefined;
  const values = new Float64Array(data as Float32Array | Float64Array);
  return values.every(Number.isFinite) ? values : undefined;
}
