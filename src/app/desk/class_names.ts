import { noneOfTheseText, readLabel } from '../../data/labels/none_of_these.ts';
import { UserError } from '../../errors.ts';

/**
 * A class's name as files hold it.
 * @param others names that are taken
 * @throws UserError for an empty name, one that is taken, or `none of these`
 */
export function newClassName(written: string, others: readonly string[]): string {
  const name = readLabel(written);
  if (name === '') throw new UserError('the name of a class is empty: write one');
  if (name === noneOfTheseText)
    throw new UserError(`'${noneOfTheseText}' says that an image belongs to no class: choose another name`);
  const taken = others.find((other) => other.toLowerCase() === name.toLowerCase());
  if (taken !== undefined) throw new UserError(`there is a class '${taken}' already: choose another name`);
  return name;
}
