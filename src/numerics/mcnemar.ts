/**
 * By how many rows one is right more often than another, in deviations of a fair coin thrown for each row on which they
 * differ (McNemar 1947); 0 where they never do, negative where the other is ahead.
 * @param hits 1 for each row that the one names rightly, else 0
 * @param others the same rows, by the other
 */
export function deviationsAhead(hits: Uint8Array, others: Uint8Array): number {
  let gained = 0;
  let lost = 0;
  hits.forEach((hit, row) => {
    if (hit > others[row]!) gained++;
    else if (hit < others[row]!) lost++;
  });
  return gained === lost ? 0 : (gained - lost) / Math.sqrt(gained + lost);
}
