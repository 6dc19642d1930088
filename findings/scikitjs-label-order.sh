#!/usr/bin/env bash
# scikitjs 1.24.0's LabelEncoder and OneHotEncoder number classes by first appearance, where scikit-learn sorts them.
#
# Expected: the library is a port of scikit-learn, whose encoders sort: dog, cat, dog, bird are 2, 1, 2, 0, whatever comes
# first, so that labels and one-hot columns fit a model or a file that Python made.
# Seen: 0, 1, 0, 2, and the same names in another order get other numbers; no message.
# kindred: names travel with the numbers (classes in config.json and in heads), and are sorted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error scikitjs@1.24.0 @tensorflow/tfjs@4.22.0 > /dev/null
cat > shown.cjs <<'JS'
console.warn = () => {};
const sk = require('scikitjs');
sk.setBackend(require('@tensorflow/tfjs'));

const codes = (names) => new sk.LabelEncoder().fitTransform(names).arraySync().join();
const columns = (names) => new sk.OneHotEncoder().fitTransform(names.map((name) => [name])).arraySync().join(' ');
const first = codes(['dog', 'cat', 'dog', 'bird']);
const turned = codes(['bird', 'dog', 'cat', 'dog']);
const hot = columns(['dog', 'cat']);
console.log(`dog cat dog bird: ${first}; bird dog cat dog: ${turned}; one-hot of dog, cat: ${hot}`);
console.log("scikit-learn's: 2,1,2,0; 0,2,1,2; 0,1 1,0");
const asSaid = first === '0,1,0,2' && turned === '0,1,2,1' && hot === '1,0 0,1';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.cjs
