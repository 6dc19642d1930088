// Labels a folder of images from a few labels: one pass of a trained encoder, a linear probe on its features, a row of
// labels.csv for each image. `kindred label` compares methods and calibrates besides.
//   node examples/label_folder.mjs FOLDER LABELS.csv ENCODER.safetensors OUT.csv
import { readFileSync, writeFileSync } from 'node:fs';
import { Engine, fitProbe, openStream, platform, predictProbe, readWeights } from 'kindred';
import { labelsCsv, readLabels, scanImages } from 'kindred/label';

const [folder, labelsFile, encoderFile, out] = process.argv.slice(2);
if (!out) throw new Error('usage: label_folder.mjs FOLDER LABELS.csv ENCODER.safetensors OUT.csv');

const weights = readWeights(readFileSync(encoderFile), encoderFile);
const { imageSize } = weights;
const stream = await openStream(folder, { files: platform.files, imageSize });
const { labels: given, classes } = readLabels(readFileSync(labelsFile, 'utf8'), stream, { file: labelsFile });

const engine = await Engine.create();
const { features, columns, readable } = await scanImages(engine, weights, stream, { imageSize });
engine.destroy();

// −1 is unlabelled: the probe leaves those out.
const probe = fitProbe(features, given, classes.length);
const { probabilities } = predictProbe(probe, features);
const unreadable = readable.filter((flag) => flag === 0).length;
console.log(`${stream.paths.length} images, ${unreadable} unreadable, ${columns} features each`);

function row(path, image) {
  const shares = [...probabilities.subarray(image * classes.length, (image + 1) * classes.length)];
  const [first, second] = [...shares.keys()].sort((a, b) => shares[b] - shares[a]);
  const isGiven = given[image] >= 0;
  return {
    path,
    label: classes[isGiven ? given[image] : first],
    confidence: isGiven ? 1 : shares[first],
    margin: isGiven ? 1 : shares[first] - shares[second],
    runnerUp: isGiven ? '' : classes[second],
    status: isGiven ? 'given' : 'review',
    nearestLabelled: '',
  };
}

const rows = stream.paths.map(row).filter((_, image) => readable[image]);
writeFileSync(out, [...labelsCsv(rows)].join(''));
console.log(`wrote ${out}`);
