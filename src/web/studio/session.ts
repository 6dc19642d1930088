import type { Answers, Change, DeskAnswer } from '../../app/desk/answers.ts';
import { newClassName } from '../../app/desk/class_names.ts';
import type { DeskImages, DeskScan } from '../../app/desk/judge.ts';
import { readAnswers } from '../../app/desk/read_answers.ts';
import { readScan } from '../../app/desk/scan_file.ts';
import { keepStep, readSteps, writeSteps } from '../../app/desk/steps_file.ts';
import { deskImages, openDeskImages } from '../../app/desk/take_scan.ts';
import type { LabelOrigin } from '../../data/labels/origin.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import {
  placesOf,
  readRecord,
  type SessionPlaces,
  type SessionRecord,
  writeRecord,
} from './session_record.ts';
import type { SessionState } from './studio.ts';

/** A session that is open: what is known of it in memory, and that it stays kept. */
export class Session {
  readonly id: string;
  readonly places: SessionPlaces;
  /** Another tab has it: nothing can be changed. */
  readonly readOnly: boolean;
  readonly stream: ImageStream;
  readonly images: DeskImages;
  readonly answers: Answers;
  #record: SessionRecord;
  #scan: DeskScan | undefined;
  readonly #files: Files;
  readonly #onUnkept: (reason: string) => void;
  /** What is being written; one file after another. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    files: Files,
    id: string,
    content: Pick<Session, 'places' | 'readOnly' | 'stream' | 'answers' | 'record'> & {
      readonly scan: DeskScan | undefined;
      readonly onUnkept: (reason: string) => void;
    },
  ) {
    const { places, readOnly, stream, answers, record, scan } = content;
    this.id = id;
    this.places = places;
    this.readOnly = readOnly;
    this.stream = stream;
    this.images = deskImages(stream, places.data);
    this.answers = answers;
    this.#record = record;
    this.#scan = scan;
    this.#files = files;
    this.#onUnkept = content.onUnkept;
  }

  /**
   * @param onUnkept told where something could not be kept: it then lives as long as the page
   * @throws UserError where it is gone or damaged
   */
  static async open(
    files: Files,
    id: string,
    readOnly: boolean,
    onUnkept: (reason: string) => void,
  ): Promise<Session> {
    const places = placesOf(files, id);
    const record = await readRecord(files, places);
    const stream = await openDeskImages({ files }, places.data);
    const text = new TextDecoder().decode(await files.read(places.answers));
    const { answers, classes } = readAnswers(text, places.answers, stream.paths, record.classes);
    await readSteps(files, places.steps, answers, stream.paths.length);
    // Else the file would grow with each answer that was ever given.
    if (!readOnly && answers.steps.length > 0) await writeSteps(files, places.steps, answers).catch(() => {});
    const scan =
      record.stage === 'ready' ? await readScan(files, places.features, stream.paths.length) : undefined;
    return new Session(files, id, {
      places,
      readOnly,
      stream,
      answers,
      record: { ...record, classes: [...classes] },
      scan,
      onUnkept,
    });
  }

  get record(): SessionRecord {
    return this.#record;
  }

  /** Features of the images; undefined before anything has made them. */
  get scan(): DeskScan | undefined {
    return this.#scan;
  }

  /** By image: number of its class, −1, or `noneOfThese`. */
  get given(): Int32Array {
    return this.answers.given(this.stream.paths.length);
  }

  /** The answers as a labels file. */
  get answersFile(): string {
    return this.answers.csv(this.stream.paths, this.#record.classes);
  }

  /** All that a page shows of it. */
  get state(): SessionState {
    const { name, created, classes, stage, notes } = this.#record;
    const { paths, size, unreadable } = this.stream;
    return {
      ...{ id: this.id, name, created, classes, stage, notes, paths, side: size, unreadable },
      images: paths.length,
      answers: this.answers.count,
      inUse: this.readOnly,
      given: this.given,
      encoder: this.#scan?.name ?? null,
      readOnly: this.readOnly,
    };
  }

  /** @throws UserError in a tab that only looks on */
  requireOwn(): void {
    if (this.readOnly)
      throw new UserError(
        'another tab has this session open: go on there, or close it and open the session anew',
      );
  }

  /** Changes what session.json holds, before it resolves. */
  async change(change: Partial<SessionRecord>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    await this.#write(async () => writeRecord(this.#files, this.places, this.#record));
  }

  /** Takes features in the place of those there are, or none. */
  use(scan: DeskScan | undefined): void {
    this.#scan = scan;
  }

  /** Keeps an answer for some images, before it resolves. @throws RangeError for an image or class that there is not */
  async answer(images: Int32Array, answer: DeskAnswer, origin: LabelOrigin): Promise<void> {
    this.requireOwn();
    const { length } = this.stream.paths;
    const outside = images.find((image) => !(image >= 0 && image < length));
    if (outside !== undefined) throw new RangeError(`there is no image ${outside} among ${length}`);
    if (typeof answer === 'number' && !(answer in this.#record.classes))
      throw new RangeError(`there is no class ${answer} among ${this.#record.classes.length}`);
    await this.#keepAnswers(this.answers.give(images, answer, origin));
  }

  /** Takes the last answers back, before it resolves. @returns the images whose answers changed */
  async undo(): Promise<Int32Array> {
    this.requireOwn();
    const images = this.answers.undo();
    if (images.length > 0) await this.#keepAnswers('undo');
    return images;
  }

  /** Adds a class. @throws UserError where the name cannot be one */
  async addClass(name: string): Promise<readonly string[]> {
    this.requireOwn();
    const { classes } = this.#record;
    await this.change({ classes: [...classes, newClassName(name, classes)] });
    return this.#record.classes;
  }

  /** Renames a class. @throws UserError where the name cannot be one */
  async renameClass(index: number, name: string): Promise<readonly string[]> {
    this.requireOwn();
    const { classes } = this.#record;
    if (!(index in classes)) throw new RangeError(`there is no class ${index} among ${classes.length}`);
    const others = classes.filter((_, number) => number !== index);
    const renamed = newClassName(name, others);
    await this.change({ classes: classes.map((own, number) => (number === index ? renamed : own)) });
    await this.#keepAnswers();
    return this.#record.classes;
  }

  async #keepAnswers(step?: readonly Change[] | 'undo'): Promise<void> {
    await this.#write(async () => {
      // First: a step too many takes nothing back that stands, one too few would take back another's.
      if (step) await keepStep(this.#files, this.places.steps, step).catch(() => {});
      // The file holds all that is known when its turn comes, so that of several answers the last one writes for all.
      await this.#files.writeAtomic(this.places.answers, this.answersFile);
    });
  }

  #write(action: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.then(action).catch((error) => {
      // Storage that is full must not take what is known in memory.
      if (!(error instanceof UserError)) throw error;
      this.#onUnkept(error.message);
    });
    return this.#writing;
  }
}
