import type { CountEstimate } from '../confidence/audit_shares.ts';

/** 12,345 */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 1 image, 2 images */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** 87.3%; never 0.0% or 100.0% for what is only nearly so. */
export function percent(share: number): string {
  const text = (100 * share).toFixed(1);
  if (text === '100.0' && share < 1) return '>99.9%';
  return text === '0.0' && share > 0 ? '<0.1%' : `${text}%`;
}

/** 3.0% for 2.951%: a bound is rounded up, as the next lower figure would be no bound. */
export function bounded(share: number): string {
  return `${(Math.ceil(1000 * share - 1e-9) / 10).toFixed(1)}%`;
}

/** 5%, 2.5%; for running text. */
export function plainPercent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}

/** 81.2–92.0% */
export function range([low, high]: readonly [number, number]): string {
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}%`;
}

/** 120 (105–131): a number of images with its interval, widened to whole images. */
export function estimateText({ count: value, interval: [low, high] }: CountEstimate): string {
  return `${count(Math.round(value))} (${count(Math.floor(low + 1e-9))}–${count(Math.ceil(high - 1e-9))})`;
}

/** −0.3 to +8.5, in percentage points. */
export function pointRange([low, high]: readonly [number, number]): string {
  return `${points(low)} to ${points(high)}`;
}

/** +4.1, in percentage points. */
export function points(share: number): string {
  const text = Math.abs(100 * share).toFixed(1);
  return `${text === '0.0' ? '±' : share < 0 ? '−' : '+'}${text}`;
}

/** Three significant digits, never in powers of ten. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(6, digits));
}

/** At most `most` of the items, evenly spaced, with the first and the last. */
export function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]!);
}
