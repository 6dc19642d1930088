import * as v from 'valibot';
import { type Sentence, sentence, UserError } from '../errors.ts';
import type { AugmentationPolicy } from '../ops/augment.ts';

export type { AugmentationPolicy };

// SimCLR, arXiv 2002.05709, appendix A and its code (google-research/simclr): ratio 3/4 to 4/3, jitter with probability
// 0.8 at 0.8, 0.8, 0.8, 0.2 times a strength, grey 0.2, flip 0.5, blur with probability 0.5, σ 0.1 to 2, a tenth wide.
const simclrRatio = [3 / 4, 4 / 3] as const;

/** The policies that have names. */
export const presets = {
  // Strength one half and no blur, as the paper has it for CIFAR; crops of at least a fifth of the area, as dkobak's and
  // SCAN's CIFAR recipes have instead of 0.08: at 32 pixels less shows nothing.
  'simclr-cifar': {
    name: 'simclr-cifar',
    crop: { scale: [0.2, 1], ratio: simclrRatio },
    flip: 0.5,
    jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
    greyscale: 0.2,
    blur: null,
  },
  'simclr-imagenet': {
    name: 'simclr-imagenet',
    crop: { scale: [0.08, 1], ratio: simclrRatio },
    flip: 0.5,
    jitter: { probability: 0.8, brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 },
    greyscale: 0.2,
    blur: { probability: 0.5, sigma: [0.1, 2], kernel: 0.1 },
  },
  // What tells the demo's classes apart is outline and texture: crops keep at least half of the figure, and colour and
  // contrast, which say nothing there, change strongly, so that views cannot be matched by them.
  demo: {
    name: 'demo',
    crop: { scale: [0.5, 1], ratio: simclrRatio },
    flip: 0.5,
    jitter: { probability: 1, brightness: 0.6, contrast: 0.6, saturation: 1, hue: 0.5 },
    greyscale: 0.5,
    blur: null,
  },
  // FixMatch's weak view (arXiv 2001.07685, section 2.3) flips, and shifts by up to an eighth of the side, which leaves
  // (7/8)² of the area; so this crops at most that much away.
  weak: {
    name: 'weak',
    crop: { scale: [49 / 64, 1], ratio: [1, 1] },
    flip: 0.5,
    jitter: null,
    greyscale: 0,
    blur: null,
  },
  none: { name: 'none', crop: null, flip: 0, jitter: null, greyscale: 0, blur: null },
} as const satisfies Readonly<Record<string, AugmentationPolicy>>;

/** The name of a preset. */
export type PresetName = keyof typeof presets;

function number(low: number, high: number) {
  const message = `must be a number from ${low} to ${high}`;
  return v.pipe(v.number(message), v.minValue(low, message), v.maxValue(high, message));
}

function range(low: number, high: number) {
  const message = `must be [low, high], two numbers from ${low} to ${high}, the lower one first`;
  const bound = v.pipe(v.number(message), v.minValue(low, message), v.maxValue(high, message));
  const pair = v.strictTuple([bound, bound], message);
  return v.pipe(
    pair,
    v.check(([first, second]) => first <= second, message),
  );
}

function fields<Entries extends v.ObjectEntries>(entries: Entries) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(entries, ({ expected }) => {
    if (expected === 'never') return `is no field: there are ${known}`;
    return expected === 'Object' ? `must be an object with ${known}` : 'is missing';
  });
}

const cropFields = fields({ scale: range(0.001, 1), ratio: range(0.1, 10) });
const jitterFields = fields({
  probability: number(0, 1),
  brightness: number(0, 10),
  contrast: number(0, 10),
  saturation: number(0, 10),
  hue: number(0, 0.5),
});
const blurFields = fields({ probability: number(0, 1), sigma: range(0.01, 100), kernel: number(0, 0.5) });

const policyFields = fields({
  name: v.optional(v.string('must be a text'), 'custom'),
  crop: v.optional(v.nullable(cropFields), null),
  flip: v.optional(number(0, 1), 0),
  jitter: v.optional(v.nullable(jitterFields), null),
  greyscale: v.optional(number(0, 1), 0),
  blur: v.optional(v.nullable(blurFields), null),
});

/**
 * The policy of a preset's name, or of an object with the fields of `AugmentationPolicy`; what it leaves out is off.
 * @param policy a preset's name, an object, or one as JSON text, which starts with `{`
 * @param where it stands, for messages: a setting or a file
 * @throws UserError naming the presets, or the field that is wrong and what it takes
 */
export function resolvePolicy(
  policy: string | Readonly<Record<string, unknown>>,
  where: Sentence,
): AugmentationPolicy {
  const text = typeof policy === 'string' ? policy.trim() : undefined;
  if (text !== undefined && !text.startsWith('{')) {
    if (Object.hasOwn(presets, text)) return presets[text as PresetName];
    const names = Object.keys(presets).join(', ');
    throw new UserError(
      sentence`${where}: there is no augmentation policy '${text}': give ${names}, or a JSON object`,
    );
  }
  const value = text === undefined ? policy : parseJson(text, where);
  const parsed = v.safeParse(policyFields, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new UserError(sentence`${where}: ${v.getDotPath(issue) ?? 'the policy'} ${issue.message}`);
}

function parseJson(text: string, where: Sentence): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The message quotes the text, line breaks included.
    const reason = (error as Error).message.replace(/\s+/g, ' ');
    throw new UserError(sentence`${where}: the augmentation policy is no JSON (${reason}): correct it`);
  }
}
