import { thinned } from './format.ts';
import type { Report } from './report.ts';

/** Longest lists of the report: neither report.json nor the page may grow with the number of images. */
export const listLimits = {
  duplicates: 50,
  conflicts: 50,
  outliers: 20,
  unlike: 24,
  newGroups: 8,
  /** Images of one group of a likely new class: who names a group names these. */
  newGroup: 24,
  suspects: 40,
  queue: 60,
  next: 60,
  unreadable: 100,
  /** Pictures of one class's most certain labels, and as many of its least certain. */
  gallery: 8,
} as const;

/** Images of a group of copies that the report names by number, and the page shows. */
export const picturedCopies = 6;
/** Groups of copies that the page lists. */
const copyGroups = 25;

/** Points of the map that the page shows, and those of them that have a picture. */
const mapPoints = 2000;
const mapPictures = 1000;
/** Pictures that the page shows of all classes together, and of how many classes. */
const galleryPictures = 320;
const galleryClasses = 200;

/** What the page shows of the report's lists of images. */
export type Shown = Pick<Report, 'gallery' | 'suspects' | 'queue' | 'next' | 'map' | 'unnamed'> & {
  readonly outliers: Report['audit']['outliers'];
  readonly duplicates: Report['audit']['duplicates'];
};

/** The first of each of the report's lists, as many as the page has room for. */
export function shownOf({ gallery, suspects, queue, next, map, audit, unnamed }: Report): Shown {
  const classes = gallery.slice(0, galleryClasses);
  const each = Math.max(1, Math.min(listLimits.gallery, Math.floor(galleryPictures / (2 * classes.length))));
  return {
    gallery: classes.map(({ name, mostCertain, leastCertain }) => ({
      name,
      mostCertain: mostCertain.slice(0, each),
      leastCertain: leastCertain.slice(0, each),
    })),
    suspects: suspects.slice(0, listLimits.suspects),
    queue: queue.slice(0, listLimits.queue),
    next: next.slice(0, listLimits.next),
    map: thinned(map, mapPoints),
    ...(unnamed && { unnamed }),
    outliers: audit.outliers.slice(0, listLimits.outliers),
    duplicates: audit.duplicates.slice(0, copyGroups),
  };
}

/** The images whose thumbnails are embedded, each once. */
export function picturedImages({
  gallery,
  suspects,
  queue,
  next,
  map,
  outliers,
  duplicates,
  unnamed,
}: Shown): number[] {
  const lists: readonly (readonly { readonly image: number }[])[] = [
    ...gallery.flatMap(({ mostCertain, leastCertain }) => [mostCertain, leastCertain]),
    suspects,
    queue,
    next,
    outliers,
    unnamed?.unlike ?? [],
    ...(unnamed?.groups ?? []).map(({ shown }) => shown),
    thinned(map, mapPictures),
  ];
  const listed = lists.flatMap((list) => list.map(({ image }) => image));
  return [...new Set([...listed, ...duplicates.flatMap(({ images }) => images)])];
}
