#!/usr/bin/env bash
# h5wasm 0.10.3's `group.get_type(name)` looks the name up from the root of the file, not in the
# group that is asked.
#
# Expected: `group.get(name)` takes names relative to the group, as the README shows, and HDF5's own calls do so too.
# Seen: for the dataset `images` of the group `train`, `get` gives the dataset and `get_type` −1, which stands for nothing
# there; where the root has a group of that name, the type is the root's.
# kindred: asks the file with the whole path.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error h5wasm@0.10.3 > /dev/null
cat > shown.mjs <<'JS'
import * as h5wasm from 'h5wasm/node';

await h5wasm.ready;
const made = new h5wasm.File('set.h5', 'w');
made.create_group('train').create_dataset({ name: 'images', data: [1, 2] });
made.get('train').create_dataset({ name: 'labels', data: [0, 1] });
made.create_group('labels');
made.close();
const file = new h5wasm.File('set.h5', 'r');
const train = file.get('train');
const [group, dataset] = [0, 1];
const seen = {};
for (const name of ['images', 'labels']) {
  seen[name] = { get: train.get(name).type, get_type: train.get_type(name), whole: file.get_type(`train/${name}`) };
  console.log(`train/${name}: get gives a ${seen[name].get}, get_type ${seen[name].get_type}, by the whole path ${seen[name].whole}`);
}
file.close();
const asSaid =
  seen.images.get === 'Dataset' && seen.images.get_type === -1 && seen.images.whole === dataset &&
  seen.labels.get === 'Dataset' && seen.labels.get_type === group && seen.labels.whole === dataset;
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
