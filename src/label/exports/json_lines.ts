import { fixed } from '../files/labels_csv.ts';
import type { ImageLabel } from '../image_label.ts';

/** labels.jsonl: an object a line with the names and the figures of labels.csv. */
export function* jsonLines(labels: Iterable<ImageLabel>): Generator<string> {
  for (const { path, label, confidence, margin, runnerUp, status, nearestLabelled, group } of labels) {
    const row = {
      path,
      label,
      confidence: Number(fixed(confidence)),
      margin: Number(fixed(margin)),
      runner_up: runnerUp,
      status,
      nearest_labelled: nearestLabelled,
      ...(group !== undefined && { group }),
    };
    yield `${JSON.stringify(row)}\n`;
  }
}
