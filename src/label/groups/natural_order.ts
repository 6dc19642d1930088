/** Images in the order of their paths, numbers in these by value: `frame2` before `frame10`. */
export function naturalOrder(paths: readonly string[], images: Int32Array): number[] {
  const keys = new Map(
    Array.from(images, (image) => [
      image,
      paths[image]!.replace(/\d+/g, (digits) => digits.padStart(16, '0')),
    ]),
  );
  return [...images].sort((a, b) => compare(keys.get(a)!, keys.get(b)!) || a - b);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
