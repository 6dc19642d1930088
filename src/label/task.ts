import { hideLabels } from '../data/labels/hidden_labels.ts';
import { countOrigins, type Origins } from '../data/labels/origin.ts';
import type { Labels } from '../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../errors.ts';
import { chooseAscending, Random, streams } from '../random.ts';

/** Which images are labelled, which are to be, and which only score. Images go by their number in the source. */
export interface LabelTask {
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /**
   * The class given to each image, −1 where none was, `noneOfThese` for one that a person says belongs to none: all that
   * training and calibration may see.
   */
  readonly given: Int32Array;
  /** How each labelled image came to be labelled; the person's own choice where it is absent. */
  readonly origins?: Origins;
  /** Images that training may read, ascending: all with a given label, and others up to a limit. */
  readonly pool: Int32Array;
  /**
   * Images whose known class no training sees, ascending; empty where all that is known was given. Their pixels are in
   * the pool where they are no official test images.
   */
  readonly heldOut: Int32Array;
  /** Where the held-out images come from, in words. */
  readonly heldOutFrom: string | null;
  /** The known class of each image, −1 unknown, `noneOfThese` none: for scoring only. */
  readonly truth: Int32Array;
  /** Further given labels drawn in the same way, to repeat the comparison with. */
  readonly otherDraws: readonly Int32Array[];
}

/** `heldOutFrom` where the set has a test part of its own. */
export const officialTest = 'official test images';

/** How the images are dealt out. */
export interface TaskOptions {
  /** Hide all but so many given labels of each class; undefined: none is hidden. */
  readonly perClass?: number | undefined;
  /** Given classes, −1 where there is none; undefined: every known label of a training image is given. */
  readonly given?: Int32Array | undefined;
  /** How each labelled image came to be labelled; the person's own choice where it is absent. */
  readonly origins?: Origins;
  /** Whether the given labels were drawn from the pool by an earlier `perClass`: the pool is then drawn as it was. */
  readonly drawn?: boolean;
  /** Label draws to compare the methods on, 1 by default; more only with `perClass`. */
  readonly draws?: number | undefined;
  /** Most images of the pool beside the labelled ones. */
  readonly poolLimit?: number | undefined;
  /** Most images that score. */
  readonly heldOutLimit?: number | undefined;
  /** Draws labels, pool and held-out images. */
  readonly seed: number;
}

/**
 * Deals out the images. Held-out are official test images, or else pool images whose label every draw hides.
 * @param known classes of images, as far as known; its `partition` keeps test images from being given
 * @throws UserError for several draws where no label is hidden, or a class with too few labels
 */
export function chooseTask(known: Labels, options: TaskOptions): LabelTask {
  const {
    perClass,
    given: shown = known.labels,
    origins,
    drawn = false,
    draws = 1,
    poolLimit = Infinity,
    heldOutLimit = Infinity,
    seed,
  } = options;
  const { classes, labels: truth } = known;
  const isTest = (image: number) => known.partition?.[image] === 'test';
  const all = [...truth.keys()];
  const training = all.filter((image) => !isTest(image));
  if (draws > 1 && perClass === undefined) {
    throw new UserError(
      sentence`${named('draws', draws)} repeats the choice of labels: give ${named('labelsPerClass')} with it`,
    );
  }
  const sample = (images: readonly number[], count: number, stream: number) =>
    Array.from(
      chooseAscending(images.length, count, new Random(seed, streams.limit + stream)),
      (i) => images[i]!,
    );

  const where = (labels: Int32Array, keep: (image: number) => boolean) =>
    labels.map((label, image) => (keep(image) ? label : -1));
  let pool: number[];
  let given: Int32Array[];
  if (perClass === undefined) {
    const labelled = training.filter((image) => shown[image]! >= 0);
    const others = training.filter((image) => shown[image]! < 0);
    pool = drawn
      ? [...new Set([...sample(training, poolLimit, 0), ...labelled])]
      : [...labelled, ...sample(others, Math.max(0, poolLimit - labelled.length), 0)];
    given = [where(shown, (image) => !isTest(image))];
  } else {
    pool = sample(training, poolLimit, 0);
    const inPool = new Set(pool);
    const visible = { ...known, labels: where(shown, (image) => inPool.has(image)) };
    given = Array.from({ length: draws }, (_, draw) => hideLabels(visible, perClass, seed + draw).labels);
  }
  const test = all.filter((image) => isTest(image) && truth[image]! >= 0);
  const hidden = pool.filter((image) => truth[image]! >= 0 && given.every((labels) => labels[image]! < 0));
  const heldOut = sample(test.length > 0 ? test : hidden, heldOutLimit, 2);
  const heldOutFrom = test.length > 0 ? officialTest : 'images whose label was hidden';
  // Drawn from all images only where the class of each is known: else from those that somebody chose to label.
  const atRandom = perClass !== undefined && pool.every((image) => truth[image]! >= 0);
  const randomly = () =>
    new Map(Array.from(labelledSet(given[0]!).images, (image) => [image, { origin: 'stratified' } as const]));
  return {
    classes,
    given: given[0]!,
    origins: atRandom ? randomly() : (origins ?? new Map()),
    pool: Int32Array.from(pool).sort(),
    heldOut: Int32Array.from(heldOut),
    heldOutFrom: heldOut.length > 0 ? heldOutFrom : null,
    truth,
    otherDraws: given.slice(1),
  };
}

/** The images with a label, ascending, and the label of each. */
export function labelledSet(labels: Int32Array): { images: Int32Array; labels: Int32Array } {
  const images = Int32Array.from(labels.keys()).filter((image) => labels[image]! >= 0);
  return { images, labels: images.map((image) => labels[image]!) };
}

/** The task without some images, say because they could not be read. */
export function withoutImages(task: LabelTask, images: ReadonlySet<number>): LabelTask {
  const clear = (labels: Int32Array) => labels.map((label, image) => (images.has(image) ? -1 : label));
  const keep = (list: Int32Array) => list.filter((image) => !images.has(image));
  return {
    ...task,
    given: clear(task.given),
    otherDraws: task.otherDraws.map(clear),
    pool: keep(task.pool),
    heldOut: keep(task.heldOut),
  };
}

/**
 * Checks that a task can be learned from.
 * @param dealt the task before unreadable images were left out of it
 * @throws UserError where these leave labels of fewer than two classes
 */
export function requireReadableLabels(task: LabelTask, dealt: LabelTask): void {
  const { images, labels } = labelledSet(task.given);
  const classes = [...new Set(labels)].map((label) => `'${task.classes[label]}'`);
  if (classes.length >= 2) return;
  const lost = labelledSet(dealt.given).images.length - images.length;
  const unread = lost > 0 ? ` (${lost} labelled images cannot be read)` : '';
  const left = classes.length === 0 ? 'no readable image has a label' : `every label is ${classes[0]}`;
  throw new UserError(`${left}${unread}: label readable images of at least two classes`, {
    setting: 'labels',
  });
}

/**
 * Whether an image's label can check predictions: those of images drawn at random or chosen by the person, who is taken at
 * their word as long as nothing tells the images apart from the others. Proposals were chosen for what they teach, and
 * audited labels from those that were surest: neither stands for the rest, so both only teach.
 */
export function checks({ origins }: Pick<LabelTask, 'origins'>, image: number): boolean {
  const origin = origins?.get(image)?.origin ?? 'own';
  return origin !== 'proposed' && origin !== 'audit';
}

/** Whether all labels that check predictions are known to have been drawn at random from all images. */
export function isRandomSample({ given, origins }: Pick<LabelTask, 'given' | 'origins'>): boolean {
  const { random, stratified, own } = countOrigins(given, origins);
  return random > 0 && stratified + own === 0;
}

/** Which labels can check predictions, in the order of `labelledSet`: 1 for those of which `checks` says so. */
export function checkingLabels(task: Pick<LabelTask, 'given' | 'origins'>): Uint8Array {
  return Uint8Array.from(labelledSet(task.given).images, (image) => (checks(task, image) ? 1 : 0));
}
