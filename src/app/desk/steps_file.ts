import * as v from 'valibot';
import { originNames } from '../../data/labels/origin.ts';
import type { Files } from '../../platform/platform.ts';
import type { Answers, Change } from './answers.ts';

/*
 * Steps that can be taken back, so that this outlives a reload: a line of JSON for each step with what was said before it,
 * and a line `undo` for each that was taken back. Answers are kept by a file of their own, which this says nothing about.
 */

const changes = v.array(
  v.object({
    image: v.number(),
    before: v.optional(
      v.object({
        answer: v.union([v.number(), v.picklist(['none', 'skip'])]),
        origin: v.object({ origin: v.picklist(originNames), probability: v.exactOptional(v.number()) }),
      }),
    ),
  }),
);

const line = (step: readonly Change[] | 'undo') => `${JSON.stringify(step)}\n`;

/** Keeps a step, or that the last one was taken back. */
export const keepStep = (files: Files, path: string, step: readonly Change[] | 'undo'): Promise<void> =>
  files.append(path, line(step));

/** Gives answers the steps that are kept, but for lines that a tab which was closed left half-written. */
export async function readSteps(files: Files, path: string, answers: Answers, images: number): Promise<void> {
  if ((await files.stat(path))?.kind !== 'file') return;
  const steps: Change[][] = [];
  for (const text of new TextDecoder().decode(await files.read(path)).split('\n')) {
    const step = v.safeParse(v.pipe(v.string(), v.parseJson(), v.union([v.literal('undo'), changes])), text);
    if (!step.success) continue;
    if (step.output === 'undo') steps.pop();
    else if (step.output.every(({ image }) => image < images)) steps.push(step.output);
  }
  for (const step of steps) answers.remember(step);
}

/** Writes the steps anew, without those that were taken back. */
export const writeSteps = (files: Files, path: string, answers: Answers): Promise<void> =>
  files.writeAtomic(path, answers.steps.map(line).join(''));
