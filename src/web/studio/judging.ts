import { judgedImages } from '../../app/desk/judge.ts';
import { type LaidOut, liveSample } from '../../app/desk/map.ts';
import { quickJudgement } from '../../app/desk/quick.ts';
import { QuickProbe } from '../../app/desk/quick_probe.ts';
import { pickRows } from '../../numerics/feature_rows.ts';
import type { JudgePort } from './judge_port.ts';
import type { Session } from './session.ts';
import type { Judgement, StudioEvent } from './studio.ts';

/** A person who labels quickly is through with the next image sooner than this, in milliseconds. */
const pause = 400;

/** Keeps what the answers say up to date: quickly with each answer, and in full a moment behind the last one. */
export class Judging {
  readonly #session: Session;
  readonly #judge: JudgePort;
  readonly #tell: (event: StudioEvent) => void;
  #full: Judgement | undefined;
  #probe: QuickProbe | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;
  /** Counts what a full judgement rests on: answers, classes, the target. */
  #version = 0;
  #closed = false;

  constructor(session: Session, judge: JudgePort, tell: (event: StudioEvent) => void) {
    this.#session = session;
    this.#judge = judge;
    this.#tell = tell;
  }

  /** Begins with the session's features: a full judgement. @returns when it is there */
  async begin(): Promise<void> {
    const { scan, images } = this.#session;
    if (!scan) return;
    this.#full = undefined;
    await this.#judge.load(images, scan);
    await this.now();
  }

  /** The answers have changed: tells what is known at once, and judges in full when they stay as they are for a moment. */
  changed(): void {
    this.#version++;
    if (!this.#session.scan) return;
    this.#quick();
    this.#soon();
  }

  /** Judges in full, without waiting. */
  async now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Takes what a job has judged, the answers being the same. */
  take(judgement: Judgement): void {
    this.#full = judgement;
    this.#tell({ kind: 'judged', quick: false, judgement });
  }

  /** Lays the images of a live map out, near where they lay last. */
  async map(before: LaidOut | undefined): Promise<void> {
    const { scan, stream } = this.#session;
    if (!scan) return;
    const images = liveSample(stream.paths.length);
    const values = pickRows(scan.values, scan.columns, images);
    const laid = await this.#judge.map(images, values, scan.columns, before);
    if (!this.#closed) this.#tell({ kind: 'map', ...laid });
  }

  /** Ends it; what is on its way is told to nobody. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.now().catch((error) => this.#tell({ kind: 'note', text: `judging failed: ${messageOf(error)}` }));
    }, pause);
  }

  #quick(): void {
    const { scan, record, given, images, answers } = this.#session;
    if (this.#probe?.features !== scan!.values) this.#probe = new QuickProbe(scan!.values, scan!.columns);
    const judgement = quickJudgement(
      {
        probe: this.#probe,
        given,
        classes: record.classes.length,
        judged: judgedImages(images, scan!.census),
        settled: answers.settled(),
        answers: answers.count,
        target: record.target,
      },
      this.#full,
    );
    this.#tell({ kind: 'judged', quick: true, judgement });
  }

  async #run(): Promise<void> {
    if (this.#closed) return;
    const { record, answers, answersFile } = this.#session;
    const version = this.#version;
    this.#tell({ kind: 'judging' });
    const judgement = await this.#judge.judge({
      file: answersFile,
      answers: answers.count,
      classes: record.classes,
      settled: [...answers.settled()],
      target: record.target,
    });
    if (this.#closed) return;
    this.#full = judgement;
    if (version === this.#version) {
      this.#tell({ kind: 'judged', quick: false, judgement });
      return;
    }
    // Answers that came in the meantime hold over what was judged without them.
    this.#quick();
    this.#soon();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
