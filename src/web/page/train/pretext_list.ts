import { pretextMethods } from '../../../pretext/registry.ts';

/** A pretext method as people choose it. */
export interface PretextSummary {
  /** As settings call it. */
  readonly name: string;
  /** As people read it. */
  readonly title: string;
  /** What it does, in a phrase. */
  readonly summary: string;
  /** Whether it needs labels. */
  readonly learnsFromLabels: boolean;
}

/** All methods, the usual one first. */
export const pretextSummaries: readonly PretextSummary[] = Object.values(pretextMethods).map(
  ({ name, title, summary, learnsFromLabels }) => ({ name, title, summary, learnsFromLabels }),
);
