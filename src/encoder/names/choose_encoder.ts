import type { FoundEncoder } from './found.ts';

/** Of two encoders trained side by side in one file, which is taken. */
interface Preference {
  /** Words of a prefix that speak for it. */
  readonly taken: readonly string[];
  /** Words of a prefix that speak against it. */
  readonly passedOver: readonly string[];
  /** Ends the sentence `the encoder taken is …`. */
  readonly said: string;
  /** Who does the same. */
  readonly source: string;
}

/** In the order in which they are asked. */
const preferences: readonly Preference[] = [
  {
    taken: ['ema', 'swa', 'averaged'],
    passedOver: [],
    said: 'the moving average of the weights',
    source: 'https://github.com/huggingface/pytorch-image-models/blob/main/timm/models/_helpers.py (use_ema)',
  },
  {
    taken: ['teacher'],
    passedOver: ['student'],
    said: 'the teacher, by which DINO is evaluated',
    source: 'https://github.com/facebookresearch/dino/blob/main/eval_knn.py (checkpoint_key)',
  },
  {
    taken: ['q', 'query'],
    passedOver: ['k', 'key'],
    said: 'the query encoder, by which MoCo is evaluated',
    source: 'https://github.com/facebookresearch/moco/blob/main/main_lincls.py',
  },
  {
    taken: ['online'],
    passedOver: ['target'],
    said: 'the online encoder, which BYOL keeps',
    source: 'https://arxiv.org/abs/2006.07733',
  },
  {
    taken: [],
    passedOver: ['momentum', 'm'],
    said: 'the trained encoder, not its moving average',
    source: 'https://github.com/vturrisi/solo-learn/blob/main/solo/methods/base.py (backbone)',
  },
];

/** An encoder chosen among those of a file. */
export interface Choice {
  /** The one taken. */
  readonly encoder: FoundEncoder;
  /** Where there were several: which it is, to end `the encoder taken is …`. */
  readonly said?: string;
  /** Prefixes of the others. */
  readonly passedOver: readonly string[];
}

/**
 * The encoder that a file's users would take: one that fits before one that does not, then by the roles that prefixes
 * name, then any of those that are the same to the last number. Undefined where that leaves several.
 * @param fits whether an encoder's tensors are those of an architecture that is known
 */
export function chooseEncoder(
  found: readonly FoundEncoder[],
  fits: (encoder: FoundEncoder) => boolean,
): Choice | undefined {
  const fitting = found.length > 1 ? found.filter(fits) : found;
  let left = fitting.length > 0 ? fitting : found;
  let said = left.length < found.length ? 'the only one that is whole' : undefined;
  for (const preference of preferences) {
    const best = Math.max(...left.map((encoder) => favour(preference, encoder)));
    const kept = left.filter((encoder) => favour(preference, encoder) === best);
    if (kept.length < left.length) said = preference.said;
    left = kept;
  }
  const [first, ...others] = left;
  if (!first || !others.every((other) => sameTensors(first, other))) return undefined;
  const encoder = left.reduce((a, b) => (b.prefix.length < a.prefix.length ? b : a));
  const passedOver = found.filter((other) => other !== encoder).map(({ prefix }) => prefix);
  return {
    encoder,
    passedOver,
    ...(passedOver.length > 0 && { said: said ?? 'one of several copies' }),
  };
}

/** Words of a prefix, as in `module.encoder_q.` or `teacherBackbone.`. */
const words = (prefix: string): string[] =>
  prefix
    .replace(/([a-z])(?=[A-Z])/g, '$1_')
    .toLowerCase()
    .split(/[._-]/);

/** 1 for a prefix that is preferred, −1 for one that is passed over, 0 for one of which nothing is said. */
function favour({ taken, passedOver }: Preference, { prefix }: FoundEncoder): number {
  const own = words(prefix);
  if (own.some((word) => taken.includes(word))) return 1;
  return own.some((word) => passedOver.includes(word)) ? -1 : 0;
}

/** Whether two encoders are one, saved twice. */
function sameTensors(a: FoundEncoder, b: FoundEncoder): boolean {
  if (a.tensors.size !== b.tensors.size) return false;
  for (const [name, { shape, data }] of a.tensors) {
    const other = b.tensors.get(name);
    if (other?.shape.join() !== shape.join() || other.data.length !== data.length) return false;
    if (data.some((value, i) => value !== other.data[i])) return false;
  }
  return true;
}
