/** A share in a line for people, with one decimal: `12.3%`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
