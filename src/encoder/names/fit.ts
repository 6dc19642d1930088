import { quote } from '../../formats/quote.ts';
import type { Family } from '../../nn/family.ts';
import type { FoundTensor } from './found.ts';

/** Counters of batches, which nothing here needs. */
const counter = /\.num_batches_tracked$/;

/** What keeps tensors from being an architecture's, in parts that stand behind the file's name; none where they are. */
export function fitProblems(
  tensors: ReadonlyMap<string, FoundTensor>,
  shapes: ReadonlyMap<string, readonly number[]>,
  title: string,
  family: Pick<Family<never>, 'owns'>,
  unread: ReadonlyMap<string, string>,
): string[] {
  const missing: string[] = [];
  const unfit: string[] = [];
  for (const [name, shape] of shapes) {
    const wanted = `[${shape.join(', ')}]`;
    const found = tensors.get(name);
    if (!found) missing.push(`${quote(name)} of shape ${wanted}`);
    else if (found.shape.join() !== shape.join())
      unfit.push(`${quote(found.from)} of shape [${found.shape.join(', ')}], not ${wanted}`);
  }
  const extra = [...tensors]
    .filter(([name]) => family.owns(name) && !shapes.has(name) && !counter.test(name))
    .map(([, { from }]) => quote(from));
  const [hidden] = unread;
  return [
    ...(missing.length > 0
      ? [`lacks ${some(missing)}${hidden ? ` (${quote(hidden[0])} ${hidden[1]})` : ''}`]
      : []),
    ...(unfit.length > 0 ? [`has ${some(unfit)}`] : []),
    ...(extra.length > 0 ? [`holds ${some(extra)}, which a ${title} does not have`] : []),
  ];
}

/** The first two of many, and how many more there are. */
function some(items: readonly string[]): string {
  const rest = items.length - 2;
  const shown = items.slice(0, 2).join(rest > 0 ? ', ' : ' and ');
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}
