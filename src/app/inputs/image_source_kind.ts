/** Sides that images are read at when the user does not say: a binary set's own, 64 pixels for a folder. */
const nativeSides: Readonly<Record<string, number>> = {
  demo: 32,
  cifar10: 32,
  cifar100: 32,
  stl10: 96,
  idx: 28,
  npz: 28,
  hdf5: 64,
};

/** What kind of source a `data` setting names: `demo`, `cifar10`, `cifar100`, `stl10`, `idx`, `npz`, `hdf5` or `folder`. */
export function sourceKind(data: string): string {
  const prefix = data.split(':')[0]!;
  return Object.hasOwn(nativeSides, prefix) ? prefix : 'folder';
}

/** Side in pixels of the images that a `data` setting names, as far as it is known before they are read. */
export const nativeSide = (data: string): number => nativeSides[sourceKind(data)] ?? 64;
