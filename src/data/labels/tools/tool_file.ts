import type { LabelOrigin } from '../origin.ts';

/** Why an entry of a tool's file gives no label. Each stands behind a number: `3 not labelled yet`. */
export const reasons = {
  open: 'not labelled yet',
  cancelled: 'skipped or cancelled',
  several: 'with several classes',
  differ: 'with labels that differ',
  predicted: 'predicted by a program',
  unknown: 'of images that are not among these',
  vague: 'of names that several images have',
  placeless: 'that name no image',
} as const;

/** One of `reasons`. */
export type Reason = keyof typeof reasons;

/** What a tool's file says of one image, once: a task that two people labelled is two entries. */
export interface ToolEntry {
  /** Where the file says that the image lies, the likeliest first: paths, addresses or names. */
  readonly places: readonly string[];
  /** The names of the classes that it gives the image; one is a label. */
  readonly classes: readonly string[];
  /** Why the entry counts for nothing although it may have classes. */
  readonly leftOut?: Reason;
  /** How the image came to be labelled, where the file says it. */
  readonly origin?: LabelOrigin | undefined;
}

/** A file of labels that a tool wrote. */
export interface ToolFile {
  /** The tool and format, for the user: `Label Studio JSON`. */
  readonly tool: string;
  /** In the order of the file. */
  readonly entries: readonly ToolEntry[];
  /** What else the user should know of how the file was read, a line each. */
  readonly notes?: readonly string[];
}
