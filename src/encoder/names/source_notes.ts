import { quote } from '../../formats/quote.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';
import { usualHeads, vitDefaults } from '../../nn/vit/vit.ts';
import type { Choice } from './choose_encoder.ts';
import { neverTrained } from './dead_weights.ts';
import type { FoundHead } from './head.ts';
import { list } from './other_files.ts';

/** Where a normalisation of pixels comes from: the file's metadata, tensors of the model, its naming, or its family. */
export type NormalisationSource = 'metadata' | 'tensors' | 'naming' | 'family';

/** What reading a file came to, for people to check. */
export interface WeightsSource {
  /** Which container. */
  readonly format: 'safetensors' | 'pytorch';
  /** Whose names the encoder's tensors have, as `torchvision`. */
  readonly namings: readonly string[];
  /** What stands before their names, as `state_dict.module.encoder_q.`. */
  readonly prefix: string;
  /** Prefixes of other encoders in the file. */
  readonly passedOver: readonly string[];
  /** The file's other tensors, by the parts that they belong to, as `fc` and `optimizer`. */
  readonly leftOver: readonly string[];
  /** Who says how pixels are normalised. */
  readonly normalisation: NormalisationSource;
  /** What was taken and what is taken for granted, each a sentence. */
  readonly notes: readonly string[];
}

/** The parts of a file that are not of an encoder. @param used names of the encoder's tensors */
export function leftOver(
  tensors: ReadonlyMap<string, StoredTensor>,
  used: ReadonlySet<string>,
  prefix: string,
): string[] {
  const own = prefix.split('.').slice(0, -1);
  const parts = new Set<string>();
  for (const name of tensors.keys()) {
    if (used.has(name)) continue;
    const path = name.split('.');
    let shared = 0;
    while (shared < own.length && path[shared] === own[shared]) shared++;
    parts.add(path[shared] ?? name);
  }
  return [...parts];
}

/** Options of an encoder that shapes do not tell, as far as it has them. */
interface Untold {
  readonly family?: string;
  readonly width?: number;
  readonly heads?: number;

  readonly depth?: number;
  readonly stem?: string;
  readonly stride?: string;
  readonly stemPadding?: number;
  readonly epsilon?: number;
}

/** @param stated the file says the options itself, so that nothing of them is taken for granted */
export function sourceNotes(
  { encoder: { prefix, namings, tensors }, said, passedOver }: Choice,
  parts: readonly string[],
  head: FoundHead | undefined,
  options: Untold,
  stated: boolean,
): string[] {
  const others = passedOver.map((other) => quote(other));
  const notes: string[] = [];
  if (!stated || prefix !== '') {
    const behind = prefix === '' ? '' : `, behind ${quote(prefix)}`;
    notes.push(`The encoder's tensors are named as by ${namings.join(' and ')}${behind}.`);
  }
  if (said !== undefined)
    notes.push(`The file holds ${others.length + 1} encoders; the one taken is ${said}.`);
  if (parts.length > 0) notes.push(`Left over: ${list(parts, 5)}.`);
  if (head) {
    const classes = head.bias.length;
    notes.push(`The file's own classifier is ${quote(head.name)}, of ${classes} classes.`);
  }
  if (!stated) notes.push(...assumptions(options));
  if (!stated && parts.some((part) => /^(?:aux_classifier|decode_head|auxiliary_head)$/.test(part)))
    notes.push(
      'It comes from a network for segmentation, whose last stages may have been dilated: here they have strides.',
    );
  if (!stated && neverTrained(tensors))
    notes.push('Its norms have the statistics that they are made with: it looks as if it was never trained.');
  return notes;
}

/** What torchvision's encoders do and other programs may do differently with weights of the same shapes. */
function assumptions(options: Untold): string[] {
  if (options.family === 'vit') return assumptionsOfViT(options);
  const { depth = 18, stem, stride, stemPadding, epsilon = 1e-5 } = options;
  const taken: string[] = [];
  if (depth >= 50 && stem !== undefined)
    taken.push(
      stride === 'v1'
        ? 'Its bottlenecks are taken to have their stride on the first 1×1 convolution (v1).'
        : 'Its bottlenecks are taken to have their stride on the 3×3 convolution (v1.5), as torchvision has; older weights have it on the first 1×1 (v1).',
    );
  if (stem === 'cifar')
    taken.push(
      `Its first convolution is taken to have stride 1 and padding ${stemPadding ?? 1}, without a max-pool; some, such as solo-learn's for CIFAR, pad by ${stemPadding === 2 ? 1 : 2}.`,
    );
  taken.push(`Its norms are taken to add ${epsilon} to variances, as PyTorch's do; Keras adds 0.001.`);
  return taken;
}

/** What timm's and Meta's vision transformers do, which shapes do not tell. */
function assumptionsOfViT({
  width = vitDefaults.width,
  heads = usualHeads(width),
  epsilon,
}: Untold): string[] {
  return [
    `Its attention is taken to have ${heads} ${heads === 1 ? 'head' : 'heads'} of ${width / heads} channels${heads === usualHeads(width) ? ', as those of published ViTs' : ''}.`,
    `Its norms are taken to add ${epsilon ?? vitDefaults.epsilon} to variances, as timm's and Meta's do; Hugging Face's ViTs add 1e-12.`,
  ];
}
