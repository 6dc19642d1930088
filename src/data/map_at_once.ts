/**
 * Results for a list in its order, with at most so many of its items worked on at a time.
 * @throws whatever `work` throws first
 */
export async function mapAtOnce<Item, Result>(
  items: ArrayLike<Item>,
  most: number,
  work: (item: Item, at: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}
