// Labels a folder of images from a few labels: the command line's main job, called from a program. What it makes lies in
// the run's folder: labels.csv with a calibrated confidence for every image, report.html, the encoder and the head.
//   node examples/label_folder.mjs FOLDER LABELS.csv OUT [epochs]
import { readFileSync } from 'node:fs';
import { platform } from 'kindred';
import { readLabelsCsv, trainRun } from 'kindred/label';

const [folder, labels, out, epochs] = process.argv.slice(2);
if (!out) throw new Error('usage: label_folder.mjs FOLDER LABELS.csv OUT [epochs]');

/** Where the job tells what it does; an AbortController's signal would stop it with a checkpoint. */
const reporter = {
  note: (text) => console.log(String(text)),
  progress: () => {},
  signal: new AbortController().signal,
  stoppable: () => {},
};
const context = { files: platform.files, reporter, command: ['label_folder'], versions: {} };
const settings = {
  data: folder,
  labels,
  out,
  width: 8,
  imageSize: 16,
  targetError: 0.1,
  methods: ['probe', 'knn'],
  ...(epochs && { epochs: Number(epochs) }),
};

const outcome = await trainRun(settings, context);
const { counts, comparison } = outcome.report;
for (const { method, outOfFold, chosen } of comparison.rows) {
  const accuracy = outOfFold ? `${Math.round(100 * outOfFold.mean)}% of the given labels out of fold` : '';
  console.log(`${chosen ? '*' : ' '} ${method}  ${accuracy}`);
}
console.log(`${counts.auto} labelled automatically, ${counts.review} to review`);
const [first] = readLabelsCsv(readFileSync(`${out}/labels.csv`, 'utf8'), 'labels.csv');
console.log(`first row: ${first.path}, ${first.label} (${first.confidence.toFixed(2)}, ${first.status})`);
