import { finishRun } from '../../app/desk/finish.ts';
import { judgementOf } from '../../app/desk/judgement.ts';
import type { LaidOut } from '../../app/desk/map.ts';
import { startAtHand } from '../../app/desk/scan_file.ts';
import { hubName } from '../../app/hub/names.ts';
import { readRunLabels } from '../../app/inputs/run_labels.ts';
import type { LabelOrigin } from '../../data/labels/origin.ts';
import { UserError } from '../../errors.ts';
import type { Start } from '../../label/scan/start.ts';
import type { PageFiles } from '../../platform/platform.ts';
import { lookAtAdapter } from './facts.ts';
import { Jobs } from './jobs.ts';
import type { JudgePort } from './judge_port.ts';
import { Judging } from './judging.ts';
import { Pairs } from './pairs.ts';
import { Session } from './session.ts';
import { givenEncoder, type KeptTraining, placesOf, type SessionRecord } from './session_record.ts';
import { claimOf, listSessions, newSession } from './sessions.ts';
import type {
  Answer,
  DroppedSource,
  Proposed,
  SessionState,
  SessionSummary,
  Studio,
  StudioEvent,
  StudioFacts,
  TakeHome,
  TrainingChoice,
  TrainingEnd,
  Undone,
  ViewPairs,
} from './studio.ts';
import { copyInto, filesOf, removeFolder, takeHome } from './take_home.ts';
import { isResumable, trainSession } from './training.ts';

/** What a room is made of. */
export interface RoomParts {
  /** Opens the page's files. */
  readonly storage: () => Promise<PageFiles>;
  /** Makes what judges. */
  readonly judge: (page: PageFiles) => JudgePort;
  /** Versions of kindred and what it runs on, for config.json and report. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The studio itself, wherever it runs: `Studio` over files, a judge and the jobs of the command line. */
export class StudioRoom implements Studio {
  readonly #parts: RoomParts;
  #watch: (event: StudioEvent) => void = () => {};
  #page: PageFiles | undefined;
  #judge: JudgePort | undefined;
  #session: Session | undefined;
  #judging: Judging | undefined;
  #release: () => void = () => {};
  #jobs: Jobs | undefined;
  #map: LaidOut | undefined;
  readonly #pairs = new Pairs();

  constructor(parts: RoomParts) {
    this.#parts = parts;
  }

  async start(watch: (event: StudioEvent) => void): Promise<StudioFacts> {
    this.#watch = watch;
    this.#page ??= await this.#parts.storage();
    this.#judge ??= this.#parts.judge(this.#page);
    this.#jobs ??= new Jobs(this.#page.files, this.#parts.versions, (event) => this.#watch(event));
    const { kind, persisted } = this.#page;
    return { ...(await lookAtAdapter()), storage: kind, persisted };
  }

  async sessions(): Promise<readonly SessionSummary[]> {
    const page = this.#opened();
    return listSessions(page, this.#session?.id);
  }

  async collect(source: DroppedSource): Promise<SessionState> {
    const page = this.#opened();
    const id = await this.#jobs!.run((context, notes) => newSession(page, source, context, notes));
    return this.open(id);
  }

  async open(id: string): Promise<SessionState> {
    const page = this.#opened();
    await this.close();
    const { own, release } = await page.claim(claimOf(id), 'reload');
    try {
      const onUnkept = (message: string) => this.#watch({ kind: 'storage', message });
      this.#session = await Session.open(page.files, id, !own, onUnkept);
    } catch (error) {
      release();
      throw error;
    }
    this.#release = release;
    this.#judging = new Judging(this.#session, this.#judge!, this.#watch);
    // The state is there before the first judgement.
    if (this.#session.scan) this.#background(this.#judgeAnew());
    return this.#session.state;
  }

  async close(): Promise<void> {
    await this.pause();
    this.#judging?.close();
    this.#pairs.close();
    this.#release();
    this.#session = this.#judging = this.#map = undefined;
    this.#release = () => {};
  }

  async remove(id: string): Promise<void> {
    const page = this.#opened();
    if (this.#session?.id === id) {
      this.#session.requireOwn();
      await this.close();
    }
    const { own, release } = await page.claim(claimOf(id));
    try {
      if (!own) throw new UserError('another tab has this session open: close it there first');
      await removeFolder(page, placesOf(page.files, id).folder);
    } finally {
      release();
    }
  }

  async pixels(images: Int32Array): Promise<Uint8Array> {
    const { stream } = this.#current();
    const pixels = new Uint8Array(images.length * 3 * stream.size ** 2);
    await stream.read(images, pixels);
    return pixels;
  }

  async pairs(policy: TrainingChoice['policy'], images: Int32Array, seed: number): Promise<ViewPairs> {
    const { stream } = this.#current();
    const pixels = await this.pixels(images);
    return { pixels: await this.#pairs.draw(policy, { size: stream.size, pixels }, seed), side: stream.size };
  }

  async train({ file, name, ...choice }: TrainingChoice): Promise<TrainingEnd> {
    const session = this.#own();
    const { files } = this.#opened();
    return this.#train(session, false, async () => {
      const training: KeptTraining = JSON.parse(JSON.stringify(choice));
      if (choice.method === 'file') {
        if (!file) throw new UserError("no encoder's file was given: choose one");
        training.encoder = files.join(session.places.encoder, file.name);
        await files.makeFolder(session.places.encoder);
        await files.writeAtomic(training.encoder, new Uint8Array(await file.arrayBuffer()));
      } else if (choice.method === 'hub') {
        if (!hubName(name ?? '')) throw new UserError('no encoder of the hub was named: choose one');
        training.encoder = name!;
      }
      await session.change({ training, stage: 'paused' });
    });
  }

  async resume(): Promise<TrainingEnd> {
    const session = this.#own();
    if (!session.record.training) throw new UserError('nothing was begun that could go on: train first');
    return this.#train(session, true);
  }

  async pause(): Promise<void> {
    await this.#jobs?.stop();
  }

  async addClass(name: string): Promise<readonly string[]> {
    const classes = await this.#own().addClass(name);
    this.#judging!.changed();
    return classes;
  }

  async renameClass(index: number, name: string): Promise<readonly string[]> {
    const classes = await this.#own().renameClass(index, name);
    this.#judging!.changed();
    return classes;
  }

  async answer(image: number, answer: Answer, origin: Proposed | 'own'): Promise<void> {
    const { origin: way, probability } = origin === 'own' ? { origin } : origin;
    const how: LabelOrigin = { origin: way, ...(probability !== undefined && { probability }) };
    await this.#own().answer(Int32Array.of(image), answer, how);
    this.#judging!.changed();
  }

  async answerAll(images: Int32Array, answer: Answer): Promise<void> {
    // Whoever accepts what the program put together has not drawn a sample: such labels teach, and check nothing.
    await this.#own().answer(images, answer, { origin: 'proposed' });
    this.#judging!.changed();
  }

  async undo(): Promise<Undone> {
    const session = this.#own();
    const images = await session.undo();
    if (images.length > 0) this.#judging!.changed();
    return { images, answers: Array.from(images, (image) => session.answers.of(image)?.answer ?? null) };
  }

  async setTarget(target: number): Promise<void> {
    if (!(target > 0 && target < 1))
      throw new UserError(`the error allowed is ${target}: give a share between 0 and 1, such as 0.05`);
    await this.#own().change({ target });
    this.#judging!.changed();
  }

  async finish(): Promise<{ readonly files: readonly string[]; readonly summary: string }> {
    const session = this.#own();
    const { places, record, answersFile, answers, stream } = session;
    const encoder = givenEncoder(record.training);
    return this.#jobs!.run(async (job) => {
      const { scan } = session;
      const context = scan ? { ...job, atHand: (start: Start) => startAtHand(start, scan) } : job;
      const { run, data, answers: path } = places;
      const { target } = record;
      const { files, report } = await finishRun(
        { run, data, answers: path, answersFile, encoder, target },
        context,
      );
      const labels = await readRunLabels(context, run);
      const set = { paths: stream.paths, classes: record.classes };
      const judgement = judgementOf(labels, report, set, { answers: answers.count, target });
      this.#judging!.take(judgement);
      const { given, auto, review } = judgement.counts;
      return {
        files,
        summary: `${given} given, ${auto} automatic, ${review} to review; ${judgement.promise}`,
      };
    });
  }

  takeHome(what: TakeHome): Promise<{ readonly name: string; readonly blob: Blob }> {
    return takeHome(this.#opened(), this.#current(), what, this.#jobs!.context());
  }

  async saveInto(folder: FileSystemDirectoryHandle): Promise<number> {
    const page = this.#opened();
    return copyInto(folder, page, await filesOf(page, this.#current()));
  }

  async #train(session: Session, resume: boolean, prepare?: () => Promise<void>): Promise<TrainingEnd> {
    return this.#jobs!.run(async (context) => {
      // Its memory serves the training.
      this.#pairs.close();
      const before = session.record;
      await prepare?.();
      const tools = { page: this.#opened(), context, judge: this.#judge!, tell: this.#watch };
      const { end, map } = await trainSession(session, tools, resume);
      if (end.state === 'done') {
        this.#map = map ?? this.#map;
        await this.#judgeAnew();
      } else if (end.state === 'failed' && !(await isResumable(session, tools.page))) {
        await this.#withoutTraining(session, before);
      }
      return { ...end, stage: session.record.stage };
    });
  }

  /** Nothing came of a training: what there was before is what there is, as far as it does not stand on an earlier run. */
  async #withoutTraining(session: Session, before: SessionRecord): Promise<void> {
    if (before.stage === 'ready' && givenEncoder(before.training) !== undefined) {
      await session.change({ training: before.training!, stage: 'ready' });
      return;
    }
    session.use(undefined);
    await session.change({ stage: 'collected' });
  }

  /** A map and a full judgement by the session's features. */
  async #judgeAnew(): Promise<void> {
    const judging = this.#judging!;
    await judging.begin();
    await judging.map(this.#map);
  }

  /** Lets work go on behind a call's end; what goes wrong with it is told. */
  #background(work: Promise<void>): void {
    work.catch((error) => this.#watch({ kind: 'note', text: String(error?.message ?? error) }));
  }

  #opened(): PageFiles {
    if (!this.#page) throw new Error('the studio was not started');
    return this.#page;
  }

  #current(): Session {
    if (!this.#session) throw new UserError('no session is open: open one, or give images');
    return this.#session;
  }

  /** The open session, if this tab may change it. */
  #own(): Session {
    const session = this.#current();
    session.requireOwn();
    return session;
  }
}
