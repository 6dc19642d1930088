import { UserError } from '../../errors.ts';

/** How an image of a run can have come by its label (see `Status`). */
export const statuses = ['given', 'auto', 'review', 'outlier', 'duplicate'] as const;

/**
 * How an image of a run came by its label. `given`: by a person, never overwritten. `auto`: predicted, confidence above
 * the threshold. `review`: predicted, below it. `outlier`: unlike everything labelled. `duplicate`: the same file or pixels
 * as a labelled or an earlier image.
 */
export type Status = (typeof statuses)[number];

/** Whether a cell is one of `statuses`, in any case. */
export const isStatus = (cell: string): boolean =>
  (statuses as readonly string[]).includes(cell.trim().toLowerCase());

/** Whether a `status` cell says that a person gave the label. @throws UserError for what is no status */
export function isGivenStatus(cell: string, file: string, row: number): boolean {
  if (isStatus(cell)) return cell.trim().toLowerCase() === 'given';
  throw new UserError(
    `${file}, row ${row}: the status is '${cell}', but must be one of ${statuses.join(', ')}: write given for a label of your own`,
  );
}
