import { countOrigins } from '../../../data/labels/origin.ts';
import type { Status } from '../../../data/labels/status.ts';
import type { UnreadableImage } from '../../../data/sources/image_stream.ts';
import type { EncoderCard } from '../../../encoder/encoder_card.ts';
import { type Likeness, mostDeviations } from '../../confidence/likeness.ts';
import type { RiskCoverage } from '../../confidence/risk_coverage.ts';
import type { FixedScenes } from '../../findings/fixed_scenes.ts';
import type { GroupsFound } from '../../groups/describe_groups.ts';
import { fewLabelsWarning } from '../../groups/few_labels.ts';
import type { OrderCheck } from '../../groups/order_check.ts';
import type { UnnamedFound } from '../../novelty/unnamed_found.ts';
import type { LabelTask } from '../../task.ts';
import type { CopiesFound } from '../copies_found.ts';
import { type Estimates, noiseWarning } from '../estimates.ts';
import { counted, plainPercent } from '../format.ts';
import { isEvident, unnamedWarning } from '../unnamed.ts';
import { copyWarnings } from './copy_warnings.ts';
import { dependenceWarning, fewGroupsWarning, oneGroupWarnings, tooFewGroups } from './group_warnings.ts';
import { sceneWarnings } from './scene_warnings.ts';

/** Stands among the warnings until a checked sample of the automatic labels has come back. */
export const auditWarning =
  'The promised error is provisional: it rests on the given labels standing for the rest of the images, which nothing has checked. Check audit.csv from the top, as many rows as you like, and give it back: then the bound rests on the automatic labels themselves.';

/** Stands where the labels are no sample of the images: what holds for them then says nothing of the others. */
export const unlikeWarning =
  'The labelled images are unlike the others: within the predicted classes the two can be told apart. The labels stand for a part of the images, such as one day, one place or one kind, or images of a class that nobody has labelled are among the others. So the labels can promise nothing. Label images drawn at random from all, and every class that there is; or check audit.csv, a random sample of the surest predictions, and give it back: the bound then rests on these.';

/** Stands where the labels were picked for being typical: what holds for easy images then says little of the others. */
export const typicalWarning =
  'The labelled images are more typical than the others: they lie in the middle of images like them, as images nearest to the centres of clusters do, and such images are easier than the rest. So the labels can promise nothing. Label images drawn at random, such as those that next.csv marks random; or check audit.csv, a random sample of the surest predictions, and give it back: the bound then rests on these.';

/** Stands where every label was proposed or audited. */
const onlyTeachingWarning =
  'No label can check predictions: all images with one were proposed for what they teach, or audited, and stand for no others. No confidence is calibrated and nothing was labelled automatically. Label images drawn at random, such as those that next.csv marks random.';

function onlyTeach({ given, origins }: LabelTask): boolean {
  const { random, stratified, own } = countOrigins(given, origins);
  return random + stratified + own === 0;
}

/** What to add where some labels only teach. */
function teachingNote({ given, origins }: LabelTask): string {
  const counts = countOrigins(given, origins);
  const teaching = counts.proposed + counts.audit;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (teaching === 0) return '';
  return ` Of the ${counted(all, 'label')}, ${teaching} only ${teaching === 1 ? 'teaches' : 'teach'}, as the images were proposed or audited: only those drawn at random or chosen by you can check.`;
}

/** Stands where labels are spread over classes unlike the images. */
const sharesWarning = (classes: readonly string[]): string =>
  `Shares among the labels lie more than four-fold from those among the predictions: ${listed(classes)}. Weights cannot make up for that, so the labels can promise nothing. Label images drawn at random from all, or check audit.csv, a random sample of the surest predictions, and give it back: the bound then rests on these.`;

/** Stands among the warnings where a checked sample has taken every automatic label back. @param target error allowed */
export const refusalWarning = (target: number): string =>
  `The checked sample of the automatic labels does not promise an error of at most ${plainPercent(target)}, so nothing is automatic any more and every predicted label waits for review. Checking more of audit.csv may change that.`;

/** Stands among the warnings where rows of the audit sample were passed over. */
export const leftOutWarning = (count: number): string =>
  `${counted(count, 'row')} of audit.csv above the last one filled in ${count === 1 ? 'was' : 'were'} left out. Whoever passes rows over may do so for what they show, so they count as wrong until they are checked.`;

/** What warnings follow from. */
export interface WarningFacts extends Pick<Estimates, 'labelNoise'> {
  /** The images by what each is for: given a label, learned from, or held out. */
  readonly task: LabelTask;
  /** Whether the encoder behind the labels has learned from given labels, which then check nothing. */
  readonly learnedFromLabels: boolean;
  /** The encoders that were compared. */
  readonly encoders: readonly Pick<EncoderCard, 'warnings'>[];
  /** Folds of the given labels; 0 where there were too few for any. */
  readonly folds: number;
  /** Observations among the labels of each class, by its number: copies, and images of one group, are one. */
  readonly observations: readonly number[];
  /** How labels are spread over groups that count as one observation; null where each image counts. */
  readonly groups: GroupsFound | null;
  /** How a quick method does in folds of neighbours by name; null where that was not tried. */
  readonly order: OrderCheck | null;
  /** Whether the labelled images are like the others; null where there are too few to tell. */
  readonly likeness: Likeness | null;
  /** What speaks for classes that nobody named; null where labels are too few to tell. */
  readonly unnamed: UnnamedFound | null;
  /** Error against coverage, and the chosen threshold; null where labels are too few for folds. */
  readonly riskCoverage: RiskCoverage | null;
  /** Classes whose share of the labels is too far from that of the images to be weighted in full. */
  readonly limitedClasses: readonly string[];
  /** Groups of near copies, and copies that were given different labels. */
  readonly duplicates: Pick<CopiesFound, 'nearGroups' | 'conflictCount'>;
  /** Backgrounds that many images have in common. */
  readonly scenes: FixedScenes;
  /** The images that were skipped, each with the reason. */
  readonly unreadable: readonly UnreadableImage[];
}

/** What a person must know before trusting the labels, most important first. */
export function warningsOf(facts: WarningFacts, counts: Readonly<Record<Status, number>>): string[] {
  const { task, riskCoverage, folds, duplicates, unreadable } = facts;
  const given = task.classes.map((_, number) => task.given.filter((label) => label === number).length);
  const few = task.classes.filter((_, number) => given[number]! > 0 && given[number]! < 5);
  const none = task.classes.filter((_, number) => given[number] === 0);
  const warnings: string[] = [];
  if (facts.learnedFromLabels) {
    warnings.push(
      'The pretext task has learned from the given labels, so they cannot check what it predicts: no confidence is calibrated and nothing was labelled automatically. A run of the method simclr, or any other encoder beside this one, can promise an error.',
    );
  } else if (folds === 0) {
    const classes = task.classes.map((name, number) => ({
      name,
      labels: given[number]!,
      observations: facts.observations[number]!,
    }));
    warnings.push(fewLabelsWarning(classes, facts.groups?.from ?? null));
  } else if (!riskCoverage && onlyTeach(task)) {
    warnings.push(onlyTeachingWarning);
  } else if (facts.order?.dependent) {
    warnings.push(dependenceWarning(facts.order));
  } else if (facts.likeness?.apart) {
    const { classifier, distance } = facts.likeness;
    warnings.push(Math.max(classifier, distance) > mostDeviations ? unlikeWarning : typicalWarning);
  } else if (facts.limitedClasses.length > 0) {
    warnings.push(sharesWarning(facts.limitedClasses));
  } else if (facts.unnamed?.withheld) {
    warnings.push(unnamedWarning(facts.unnamed));
  } else if (
    riskCoverage &&
    !riskCoverage.chosen &&
    facts.groups &&
    tooFewGroups(facts.groups, riskCoverage)
  ) {
    warnings.push(fewGroupsWarning(facts.groups, riskCoverage));
  } else if (riskCoverage && !riskCoverage.chosen) {
    warnings.push(
      `No threshold keeps the error of automatic labels under ${plainPercent(riskCoverage.target)} with 95% confidence, so nothing was labelled automatically. More labels, a better encoder or a larger target error would change that.${teachingNote(task)}`,
    );
  }
  if (facts.labelNoise) warnings.push(noiseWarning(facts.labelNoise));
  if (facts.unnamed && isEvident(facts.unnamed)) {
    const warning = unnamedWarning(facts.unnamed);
    if (!warnings.includes(warning)) warnings.push(warning);
  }
  if (facts.groups) warnings.push(...oneGroupWarnings(facts.groups, task.classes));
  for (const encoder of facts.encoders) for (const warning of encoder.warnings) warnings.push(`${warning}.`);
  if (none.length > 0)
    warnings.push(`No image is labelled ${listed(none)}: such images cannot be recognised.`);
  if (few.length > 0)
    warnings.push(`Fewer than five labels: ${listed(few)}. Their figures are little more than guesses.`);
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  for (const warning of copyWarnings(duplicates, all)) warnings.push(warning);
  warnings.push(...sceneWarnings(facts.scenes, facts.groups !== null));
  if (counts.auto > 0) warnings.push(auditWarning);
  if (unreadable.length > 0)
    warnings.push(`${unreadable.length} images could not be read and have no label.`);
  return warnings;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `'${name}'`);
  return names.length > 10 ? `${shown.join(', ')} and ${names.length - 10} more` : shown.join(', ');
}
