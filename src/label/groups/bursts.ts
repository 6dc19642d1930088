import type { Exif } from '../../formats/exif.ts';
import { type GivenGroups, groupsByName } from './observation_groups.ts';

/**
 * Photos that one camera took in a row: each within so many seconds of the one before.
 * @param shots camera and time of each image; undefined where it does not say
 */
export function burstsOf(shots: readonly (Exif | undefined)[], seconds: number): GivenGroups {
  const order = [...shots.keys()]
    .filter((image) => shots[image])
    .sort((a, b) => {
      const [first, second] = [shots[a]!, shots[b]!];
      if (first.camera !== second.camera) return first.camera < second.camera ? -1 : 1;
      return first.seconds - second.seconds || a - b;
    });
  const named: (string | undefined)[] = shots.map(() => undefined);
  order.forEach((image, place) => {
    const shot = shots[image]!;
    const before = place > 0 ? order[place - 1]! : undefined;
    const last = before === undefined ? undefined : shots[before]!;
    const goesOn = last?.camera === shot.camera && shot.seconds - last.seconds <= seconds;
    named[image] = goesOn ? named[before!]! : nameOf(shot);
  });
  return groupsByName(named, `camera and time of capture, ${seconds} seconds apart at most`);
}

/** `Canon EOS R5 2026-11-30T16:30:58.120Z`, by when the burst began. */
const nameOf = ({ camera, seconds }: Exif) =>
  `${camera} ${new Date(Math.round(seconds * 1000)).toISOString()}`.trim();
