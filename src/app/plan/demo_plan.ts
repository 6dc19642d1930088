/**
 * What a run on the demo is where the user says nothing: a first look that is to show the promise within five minutes of two
 * processor cores, on either software driver.
 */
export const demoPlan = {
  /** Labels of each class that are shown, the others are hidden; fewer where a class has fewer images. */
  labelsPerClass: 40,
  /** Minutes of the pretext task, on a processor. */
  minutes: 1,
  /**
   * Of each training on labels, and of all together. The slower driver has time for so many steps, and the faster one
   * takes no more: what the demo shows is the same on both.
   */
  effort: { mostSteps: 100, patience: 120 },
} as const;
