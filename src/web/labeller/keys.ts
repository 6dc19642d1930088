/** `u` takes an answer back. */
const keys = '123456789abcdefghijklmnopqrstvwxyz';

/** The key that gives a class: 1 to 9, then a to z without u; undefined where there are more classes than keys. */
export const keyOfClass = (index: number): string | undefined => keys[index];

/** What a key press means. */
export type KeyMeaning = number | 'none' | 'skip' | 'undo' | 'guess';

/** What a key press means; undefined where it means nothing here. */
export function meaningOf(event: KeyboardEvent, classes: number): KeyMeaning | undefined {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) return key === 'z' && !event.shiftKey ? 'undo' : undefined;
  if (key === '0') return 'none';
  if (key === ' ') return 'skip';
  if (key === 'u') return 'undo';
  if (key === 'Enter') return 'guess';
  const index = keys.indexOf(key);
  return key.length === 1 && index >= 0 && index < classes ? index : undefined;
}

/** Whether a press belongs to what has the focus: a field is written into, a button pressed by space and Enter. */
export function belongsTo(target: Element | null, event: KeyboardEvent): boolean {
  if (!target) return false;
  if (target.matches('input:not([type=checkbox], [type=radio], [type=range]), textarea, select')) return true;
  if (target.matches('[contenteditable]')) return true;
  return target.matches('button, input, a[href], summary') && (event.key === ' ' || event.key === 'Enter');
}
