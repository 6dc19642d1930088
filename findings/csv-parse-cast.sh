#!/usr/bin/env bash
# csv-parse 7.0.3 with `cast: true` turns identifiers such as 0x1f3a into the number 0.
#
# Expected: text becomes a number where it is one ("convert input string to native types"): 0x1f3a is either text or
# 7994 (as `Number` has it).
# Seen: text is tested by JavaScript's coercion, which reads 0x, 0b and 0o, and converted by `parseFloat`, which stops
# after the 0. All hexadecimal identifiers of a column are 0, the same one; 0xg, no number, stays text.
# kindred: src/data/labels/csv.ts does not cast.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error csv-parse@7.0.3 > /dev/null
cat > shown.mjs <<'JS'
import { parse } from 'csv-parse/sync';

const identifiers = ['0x10', '0x1f3a', '0b101', '0o17', '0xg', '12'];
const [cells] = parse(identifiers.join(), { cast: true });
identifiers.forEach((text, i) => console.log(`${text}: ${JSON.stringify(cells[i])}; Number says ${Number(text)}`));
const asSaid = JSON.stringify(cells) === '[0,0,0,0,"0xg",12]';
console.log(asSaid ? 'as this file says' : 'this has changed');
process.exitCode = asSaid ? 0 : 1;
JS
node shown.mjs
