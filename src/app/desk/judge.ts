import { labelsOf } from '../../data/labels/class_numbers.ts';
import { isAnswered, noneOfThese } from '../../data/labels/none_of_these.ts';
import { originsOf } from '../../data/labels/origin.ts';
import { statuses } from '../../data/labels/status.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { gatherEvidence } from '../../label/evidence.ts';
import { defaultRandomShare } from '../../label/findings/acquisition.ts';
import { proposeImages } from '../../label/findings/propose.ts';
import { labelSeed } from '../../label/label_seed.ts';
import { labelByEvidence } from '../../label/pipeline.ts';
import { type ImageCensus, imagesToLabel } from '../../label/scan/census.ts';
import type { Features } from '../../label/scan/features.ts';
import { knownStart } from '../../label/scan/start.ts';
import { chooseTask, labelledSet } from '../../label/task.ts';
import type { Files } from '../../platform/platform.ts';
import { findGroups } from '../inputs/groups.ts';
import { countedRows } from '../inputs/known_labels.ts';
import { type JobContext, silentReporter } from '../reporter.ts';
import { countStatuses, type Judgement, judgementOf, nothingSaid, type Proposed } from './judgement.ts';

/** All that is known of the images but their pixels. */
export interface DeskImages
  extends Pick<
    ImageStream,
    'name' | 'description' | 'size' | 'paths' | 'partition' | 'classes' | 'omitted' | 'unreadable'
  > {
  /** The setting `data` that names them. */
  readonly data: string;
}

/** Features of all images, and what was seen of the images when they were made. */
export interface DeskScan {
  /** Images × `columns`, row-major; zeros for images that cannot be read. */
  readonly values: Float32Array;
  /** Features of an image. */
  readonly columns: number;
  /** What comparisons call what made them: `SimCLR`, `base encoder`. */
  readonly name: string;
  /** How images were brought to it. */
  readonly recipe: InputRecipe | undefined;
  /** Whether what made them has seen given labels. */
  readonly learnedFromLabels: boolean;
  /** What was seen of each image. */
  readonly census: ImageCensus;
}

/** What is asked of a judge. */
export interface JudgeRequest {
  /** The answers, as a labels file. */
  readonly file: string;
  /** How many they are. */
  readonly answers: number;
  /** Names of the person's classes, in their order. */
  readonly classes: readonly string[];
  /** Images that are not to be proposed. */
  readonly settled: readonly number[];
  /** The error allowed among automatic labels, 0 … 1. */
  readonly target: number;
}

/** As the jobs have them where the user says nothing. */
const usual = { folds: 5, budget: 40, seed: 0 } as const;

const nowhere = () => Promise.reject(new Error('a judge reads no files'));

/** Judges the answers about one set of images as often as they change, from features that are at hand. */
export class Judge {
  readonly #images: DeskImages;
  readonly #scan: DeskScan;
  readonly #context: JobContext;

  /** @param files for groups that files tell; none are read where the data are no folder of photos */
  constructor(images: DeskImages, scan: DeskScan, files: Files) {
    this.#images = images;
    this.#scan = scan;
    this.#context = { files, reporter: silentReporter, command: [], versions: {} };
  }

  /** Images that get a label: readable, and no official test images; 1 for these. */
  get judged(): Uint8Array {
    return judgedImages(this.#images, this.#scan.census);
  }

  /** What the answers say of every image, judged as the jobs do by a probe on the features. */
  async judge(request: JudgeRequest): Promise<Judgement> {
    const rows = countedRows(this.#context.reporter, request.file, this.#images, {
      file: 'answers.csv',
      doubtful: 'keep',
      classes: request.classes,
    });
    const named = new Set(rows.map(({ label }) => label).filter((label) => request.classes.includes(label)));
    if (named.size < 2) return this.#begin(request, rows);
    const { target } = request;
    const stream = this.#stream();
    const { classes, labels: given } = labelsOf(rows, stream, 'the answers');
    const { partition } = stream;
    const task = chooseTask(
      { classes, labels: given, partition },
      { given, origins: originsOf(rows, stream), seed: usual.seed },
    );
    const wanted = { groups: undefined, data: this.#images.data, labels: [] };
    const groups = await findGroups(this.#context, stream, task, wanted, usual.seed);
    const { values, columns, name, learnedFromLabels, census } = this.#scan;
    const features: Features = { values, columns, origin: { name } };
    const inputs = {
      stream,
      task,
      groups,
      starts: [{ ...knownStart(features, census), learnedFromLabels }] as const,
      settings: {
        ...usual,
        budget: this.#budget(request),
        methods: ['probe'] as const,
        targetError: target,
        map: false,
      },
      training: null,
      provenance: { command: [], seed: usual.seed, versions: {}, adapter: '' },
      onStage: () => {},
    };
    const { labels, report } = labelByEvidence(inputs, await gatherEvidence(inputs));
    const set = { paths: stream.paths, classes: request.classes };
    const judgement = judgementOf(labels, report, set, { answers: request.answers, target });
    return { ...judgement, next: this.#open(judgement.next, request) };
  }

  /** Where to begin: too few classes have a label to tell anything. */
  #begin(request: JudgeRequest, rows: ReturnType<typeof countedRows>): Judgement {
    const { paths } = this.#images;
    const { census, values, columns } = this.#scan;
    const classOf = new Map(request.classes.map((name, number) => [name, number]));
    const given = new Int32Array(paths.length).fill(-1);
    const imageOf = new Map(paths.map((path, image) => [path, image]));
    for (const { path, label } of rows) given[imageOf.get(path)!] = classOf.get(label) ?? noneOfThese;
    const judged = this.judged;
    const said = nothingSaid(paths.length);
    given.forEach((label, image) => {
      if (!isAnswered(label)) return;
      said.predicted[image] = Math.max(-1, label);
      said.confidence[image] = 1;
      said.status[image] = statuses.indexOf('given');
    });
    const next = proposeImages({
      census,
      base: { values, columns },
      images: imagesToLabel(this.#stream(), census),
      given,
      classes: request.classes,
      budget: this.#budget(request),
      randomShare: defaultRandomShare,
      seed: usual.seed,
      drawSeed: labelSeed(paths, given, request.classes),
    });
    const labelled = labelledSet(given).images.length;
    return {
      ...said,
      answers: request.answers,
      counts: countStatuses(said.status, (image) => judged[image] === 1),
      promise: 'too few given labels to promise anything',
      kept: false,
      target: request.target,
      enough:
        labelled === 0
          ? 'label images of at least two classes to begin'
          : 'label images of a second class: one alone tells nothing apart',
      accuracy: null,
      next: this.#open(next, request),
      suspects: [],
      newGroups: [],
      warnings: [],
    };
  }

  /** So many proposals that enough are left without those that the person was asked about and could not answer. */
  #budget({ settled, answers }: JudgeRequest): number {
    return usual.budget + settled.length - answers;
  }

  /** Proposals of images that the person has not been asked about. */
  #open(next: readonly Proposed[], { settled }: JudgeRequest): Proposed[] {
    const asked = new Set(settled);
    return next.filter(({ image }) => !asked.has(image)).slice(0, usual.budget);
  }

  #stream(): ImageStream {
    const { data: _, ...images } = this.#images;
    const stream: ImageStream = {
      ...images,
      labels: new Int32Array(images.paths.length).fill(-1),
      read: nowhere,
      resized: () => stream,
    };
    return stream;
  }
}

/** 1 for images that get a label: those that can be read and are no official test images. */
export function judgedImages(
  { partition }: Pick<DeskImages, 'partition'>,
  { readable }: Pick<ImageCensus, 'readable'>,
): Uint8Array {
  return readable.map((value, image) => (value === 1 && partition[image] === 'train' ? 1 : 0));
}
