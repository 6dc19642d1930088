import type { Report } from '../report.ts';
import { thinned } from './format.ts';

/** Most images of each kind that the page shows: its size must not grow with the data. */
const most = { outliers: 20, suspects: 40, queue: 60, next: 60, hovered: 1000, points: 2000 } as const;
/** Pictures of all classes together, and of one class's most and least certain each. */
const galleryPictures = 320;
const perGallery = 8;
const galleryClasses = 200;

/** What the page shows of the report's lists of images. */
export type Shown = Pick<Report, 'gallery' | 'suspects' | 'queue' | 'next' | 'map'> & {
  readonly outliers: Report['audit']['outliers'];
};

export function shownOf({ gallery, suspects, queue, next, map, audit }: Report): Shown {
  const classes = gallery.slice(0, galleryClasses);
  const each = Math.max(1, Math.min(perGallery, Math.floor(galleryPictures / (2 * classes.length))));
  return {
    gallery: classes.map(({ name, mostCertain, leastCertain }) => ({
      name,
      mostCertain: mostCertain.slice(0, each),
      leastCertain: leastCertain.slice(0, each),
    })),
    suspects: suspects.slice(0, most.suspects),
    queue: queue.slice(0, most.queue),
    next: next.slice(0, most.next),
    map: thinned(map, most.points),
    outliers: audit.outliers.slice(0, most.outliers),
  };
}

/** The images whose thumbnails are embedded, each once. */
export function picturedImages({ gallery, suspects, queue, next, map, outliers }: Shown): number[] {
  const lists: readonly (readonly { readonly image: number }[])[] = [
    ...gallery.flatMap(({ mostCertain, leastCertain }) => [mostCertain, leastCertain]),
    suspects,
    queue,
    next,
    outliers,
    thinned(map, most.hovered),
  ];
  return [...new Set(lists.flatMap((list) => list.map(({ image }) => image)))];
}
