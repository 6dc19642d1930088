// Does a promise survive? For each situation in which people label, over many draws: how often a promise of at most 5, 10
// and 20% wrong among the automatic labels was given, and how often it was false by the hidden truth.
//
//   node bench/promise.mjs [--draws 40 --labels 25 --only patients,random --targets 5%,10%,20%]
//   node bench/promise.mjs --data cifar10:DIR --encoder net.pth [--classes 3 --images 1200]
//
// Without --data images are drawn: as many features as an encoder gives, in overlapping classes. With it each draw is
// another part of that source. A promise counts as given where a label is automatic, as false where a larger share of them is
// wrong; of an audit by what it was drawn from, before the check. `said` counts the draws whose report holds a warning that names the situation.
import { asked, labelAt, readWorld } from './promise/labelling.mjs';
import { situations } from './promise/situations.mjs';
import { chosenOf, drawnWorld } from './promise/worlds.mjs';
import { loadKindred, options, percent, printTable } from './support.mjs';

const settings = options({
  data: '',
  encoder: 'base',
  classes: 3,
  images: 1200,
  labels: 25,
  draws: 40,
  first: 0,
  only: '',
  targets: '5%,10%,20%',
});
const k = await loadKindred(settings.build);
const targets = settings.targets.split(',').map((text) => Number(text.replace('%', '')) / 100);

const whole = settings.data ? await readWorld(k, settings) : undefined;
/** The images of one draw, the same for every situation. */
function worldOf(seed) {
  const { images, classes } = settings;
  if (!whole) return drawnWorld(k, { images, classes, seed });
  const random = new k.Random(seed, 1);
  const able = [...whole.truth.keys()].filter((image) => whole.truth[image] < classes);
  const part = chosenOf(whole, random.shuffle(able).slice(0, images));
  return { ...part, classes: whole.classes.slice(0, classes), brightness: brightnessOf(part) };
}

const brightnessOf = ({ thumbnails }) =>
  Float32Array.from({ length: thumbnails.length / 256 }, (_, image) =>
    thumbnails.subarray(256 * image, 256 * (image + 1)).reduce((sum, value) => sum + value, 0),
  );

/** What a user would take who tries seeds until the most is automatic, at each target. */
async function bestOf(situation, seeds, audit) {
  const tries = [];
  for (let seed = 0; seed < seeds; seed++) tries.push(await labelAt(k, situation, targets, seed, audit));
  return targets.map((_, at) => tries.map((each) => each[at]).reduce((a, b) => (b.share > a.share ? b : a)));
}

const names = settings.only === '' ? Object.keys(situations) : settings.only.split(',');
/** How often the shown interval of the accuracy holds the share of the other images that is right. */
const holds = (own) =>
  own.filter(({ accuracy, right }) => {
    const [low, high] = accuracy?.interval ?? [0, 1];
    return low <= right && right <= high;
  }).length;
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const rows = [];
for (const name of names) {
  const { draw, warns, audit } = situations[name];
  const results = [];
  for (let seed = settings.first; seed < settings.first + settings.draws; seed++) {
    const situation = await asked(k, draw(worldOf(seed), new k.Random(seed, 2), settings.labels, k));
    results.push(await bestOf(situation, situation.seeds ?? 1, audit));
  }
  for (const [at, target] of targets.entries()) {
    const own = results.map((result) => result[at]);
    const promised = own.filter(({ share }) => share > 0);
    rows.push({
      situation: name,
      target: percent(target),
      promised: `${promised.length} of ${own.length}`,
      false: promised.filter(({ error }) => error > target).length,
      automatic: percent(mean(own.map(({ share }) => share))),
      'wrong of these': promised.length > 0 ? percent(mean(promised.map(({ error }) => error))) : '–',
      'shown accuracy holds': `${holds(own)} of ${own.length}`,
      said: warns ? own.filter(({ warnings }) => warnings.some((text) => warns.test(text))).length : '',
    });
    console.error(JSON.stringify(rows.at(-1)));
  }
}
if (settings.json) console.log(JSON.stringify({ settings, rows }));
else printTable(rows);
