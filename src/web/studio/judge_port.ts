import { type DeskImages, type DeskScan, Judge, type JudgeRequest } from '../../app/desk/judge.ts';
import type { Judgement } from '../../app/desk/judgement.ts';
import { type LaidOut, layOut } from '../../app/desk/map.ts';
import type { Files } from '../../platform/platform.ts';

/** What takes longer than the blink of an eye and needs no GPU: in a worker of its own, so that nothing waits for it. */
export interface JudgePort {
  /** Takes a session's images with their features, in the place of others. */
  load(images: DeskImages, scan: DeskScan): Promise<void>;
  /** Judges all images anew. */
  judge(request: JudgeRequest): Promise<Judgement>;
  /** Lays features of images out in the plane, near where they lay before (see `layOut`). */
  map(...rows: Parameters<typeof layOut>): Promise<LaidOut>;
}

/** The judge itself. */
export class LocalJudge implements JudgePort {
  readonly #files: Files;
  #judge: Judge | undefined;

  constructor(files: Files) {
    this.#files = files;
  }

  async load(images: DeskImages, scan: DeskScan): Promise<void> {
    this.#judge = new Judge(images, scan, this.#files);
  }

  async judge(request: JudgeRequest): Promise<Judgement> {
    if (!this.#judge) throw new Error('there is nothing to judge');
    return this.#judge.judge(request);
  }

  async map(...rows: Parameters<typeof layOut>): Promise<LaidOut> {
    return layOut(...rows);
  }
}
