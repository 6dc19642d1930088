/** Images in the order of their paths, numbers in these by value: `frame2` before `frame10`. */
export function naturalOrder(paths: readonly string[], images: Int32Array): Int32Array {
  const keyOf = (image: number) => paths[image]!.replace(/\d+/g, (digits) => digits.padStart(16, '0'));
  // Sources list them so where numbers have leading zeros: then no key has to be kept.
  let [ordered, last] = [true, ''];
  for (let at = 0; at < images.length && ordered; at++) {
    const key = keyOf(images[at]!);
    ordered = at === 0 || last < key || (last === key && images[at - 1]! < images[at]!);
    last = key;
  }
  if (ordered) return images;
  const keys = Array.from(images, keyOf);
  const order = Uint32Array.from(images.keys()).sort(
    (a, b) => compare(keys[a]!, keys[b]!) || images[a]! - images[b]!,
  );
  return Int32Array.from(order, (at) => images[at]!);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
