import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { UnreadableImage } from '../../../src/formats/images/raw_image.ts';

/** A file's bytes changed here and there, cut, or with a stretch of another's in them. */
export function damaged(files: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const file = fc.constantFrom(...files);
  const value = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff));
  // Headers stand at the beginning and say most.
  const place = fc.oneof(fc.nat(), fc.nat(200));
  const edits = fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 6 });
  const edited = fc.tuple(file, edits).map(([bytes, changes]) => {
    const changed = bytes.slice();
    for (const [at, to] of changes) changed[at % changed.length] = to;
    return changed;
  });
  const cut = fc.tuple(file, fc.nat()).map(([bytes, at]) => bytes.slice(0, at % bytes.length));
  const mixed = fc
    .tuple(file, file, fc.nat(), fc.nat(60), fc.nat())
    .map(([bytes, other, at, length, from]) => {
      const changed = bytes.slice();
      const start = from % other.length;
      const part = other.subarray(start, start + length);
      changed.set(part.subarray(0, changed.length - (at % changed.length)), at % changed.length);
      return changed;
    });
  return fc.oneof(
    { weight: 4, arbitrary: edited },
    { weight: 1, arbitrary: cut },
    { weight: 2, arbitrary: mixed },
  );
}

/** How long a file of a few kilobytes may take. Most need a millisecond; the rest is for a machine that is busy. */
const longest = 2000;

/**
 * Reads every damaged file: it is decoded to so many samples as its sides say, or refused in a short sentence.
 * @param read all that the file holds: images as they come
 * @param gain bytes in memory that a byte in the file may become
 */
export async function survives(
  files: readonly Uint8Array[],
  read: (bytes: Uint8Array) => Promise<readonly { samples: ArrayLike<number>; expected: number }[]>,
  { seed, runs, gain }: { seed: number; runs: number; gain: number },
): Promise<void> {
  let decoded = 0;
  await fc.assert(
    fc.asyncProperty(damaged(files), async (bytes) => {
      const start = performance.now();
      try {
        const images = await read(bytes);
        let total = 0;
        for (const { samples, expected } of images) {
          assert.is(samples.length, expected);
          total += (samples as Uint8Array).byteLength ?? 0;
        }
        assert.ok(total <= gain * bytes.length, `${total} bytes of a file of ${bytes.length}`);
        decoded++;
      } catch (error) {
        if (!(error instanceof UnreadableImage)) throw error;
        assert.ok(error.message.length < 200 && !error.message.includes('\n'), error.message);
      }
      assert.ok(performance.now() - start < longest, 'took too long');
    }),
    { seed, numRuns: runs },
  );
  // A reader that refuses everything would survive too.
  assert.ok(decoded > runs / 20, `only ${decoded} of ${runs} were read`);
}
