import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../src/platform/node_files.ts';
import type { Files, Fit } from '../../src/platform/platform.ts';
import { withFiles } from '../data/temporary.ts';
import { fnv1a32, lowbias32 } from '../oracle.ts';
import type { Tab } from './profile.ts';

/** An image of 61×43 pixels with edges, smooth parts and noise. @param channels 1 to 4 */
export function picture(channels: 1 | 2 | 3 | 4): Sharp {
  const [width, height] = [61, 43];
  const bytes = Uint8Array.from({ length: channels * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    const edge = (x >> 3) % 2 === (y >> 3) % 2 ? 60 : 0;
    return 80 + 60 * Math.sin((x + (i % channels) * y) / 9) + edge + (lowbias32(fnv1a32('page') ^ i) >>> 27);
  });
  return sharp(bytes, { raw: { width, height, channels } });
}

/** An image as either side answers: its size, its pixels or why there are none. */
export interface Answer {
  readonly size?: readonly number[];
  readonly pixels?: Uint8Array;
  readonly reason?: string;
}

/** What is asked of both. */
export type Ask = {
  readonly side?: number;
  readonly fit?: Fit;
  readonly page?: number;
  readonly range?: [number, number];
};

/** What Node answers. */
export async function inNode(
  files: Record<string, Uint8Array>,
  ask: Ask = {},
): Promise<Record<string, Answer>> {
  const answers: Record<string, Answer> = {};
  await withFiles(files, async (folder) => {
    for (const name of Object.keys(files)) answers[name] = await answerOf(nodeFiles, join(folder, name), ask);
  });
  return answers;
}

/** Refers to nothing but its arguments: its text runs in a worker. */
async function answerOf(files: Files, path: string, ask: Ask): Promise<Answer> {
  const { side, fit, page, range: ends } = ask;
  const range = ends && ({ low: ends[0], high: ends[1], stated: 'followed' } as const);
  try {
    if (side) return { pixels: await files.decodeImage(path, side, { fit, page, range }) };
    const { width, height } = await files.imageSize(path, page);
    const whole = await files.decodeWhole(path, { page, range });
    const isSame = whole.width === width && whole.height === height;
    return {
      size: isSame ? [width, height] : [width, height, whole.width, whole.height],
      pixels: whole.pixels,
    };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

/** Lets the page decode files that were given to it. */
export async function inPage(
  tab: Tab,
  files: Record<string, Uint8Array>,
  ask: Ask = {},
): Promise<Record<string, Answer>> {
  const given = Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  const answers = await tab.run(
    async ({ opened }, { given, ask, answerOf }) => {
      const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const files = given.map(([path, text]) => ({ path: path!, file: new Blob([bytesOf(text!)]) }));
      await opened.mount('given', files);
      const decode = new Function(`return ${answerOf}`)();
      const found = await Promise.all(
        files.map(async ({ path }) => {
          const answer = await decode(opened.files, `given/${path}`, ask);
          const letters = Array.from(answer.pixels ?? [], (byte: number) => String.fromCharCode(byte));
          return [path, { ...answer, pixels: answer.pixels && btoa(letters.join('')) }] as const;
        }),
      );
      opened.unmount('given');
      return found;
    },
    { given, ask, answerOf: String(answerOf) },
  );
  const decoded = answers.map(([name, { pixels, ...rest }]) => {
    const bytes = pixels === undefined ? {} : { pixels: new Uint8Array(Buffer.from(pixels, 'base64')) };
    return [name, { ...rest, ...bytes }];
  });
  return Object.fromEntries(decoded);
}

/** The largest and the mean difference of levels. */
export function apart(one: Uint8Array, other: Uint8Array): { largest: number; mean: number } {
  assert.is(one.length, other.length);
  let [largest, sum] = [0, 0];
  for (let i = 0; i < one.length; i++) {
    const difference = Math.abs(one[i]! - other[i]!);
    largest = Math.max(largest, difference);
    sum += difference;
  }
  return { largest, mean: sum / one.length };
}

/** Both decode all of the files, to sizes that are the same and levels that are no further apart. */
export async function assertSame(
  tab: Tab,
  files: Record<string, Uint8Array>,
  tolerance = 0,
  ask: Ask = {},
): Promise<void> {
  const [page, node] = await Promise.all([inPage(tab, files, ask), inNode(files, ask)]);
  for (const [name, expected] of Object.entries(node)) {
    assert.ok(expected.pixels, `${name}: ${expected.reason}`);
    const found = page[name]!;
    assert.ok(found.pixels, `${name}: ${found.reason}`);
    assert.equal(found.size, expected.size, name);
    const { largest } = apart(found.pixels, expected.pixels);
    assert.ok(largest <= tolerance, `${name}: ${largest} levels apart`);
  }
}
