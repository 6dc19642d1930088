// How well are images of classes that nobody named found, and what do they do to a promise? Over draws of labels, and of
// which classes are hidden:
//
//   node bench/bounds/hidden_classes.mjs [--draws 40 --labels 25 --only 0,1]
//   node bench/bounds/hidden_classes.mjs --data cifar10:DIR --encoder net.pth --draws 10 [--images 2000 --limit 500]
//
// Recall and false alarms are those of images whose conformal p-value is at most 5%, and of those that are called outliers;
// the share is that of unnamed images among the unlabelled ones, estimated beside the true one.
import { labelAt, readWorld } from '../promise/labelling.mjs';
import { chosenOf, drawnWorld } from '../promise/worlds.mjs';
import { loadKindred, options, percent, printTable } from '../support.mjs';

const settings = options({
  data: '',
  encoder: 'base',
  images: 1000,
  labels: 25,
  draws: 40,
  first: 0,
  limit: 500,
  only: '',
  targets: '5%,10%,20%',
});
const k = await loadKindred(settings.build);
const targets = settings.targets.split(',').map((text) => Number(text.replace('%', '')) / 100);

/** Classes there are, how many of them are hidden, and the part of a hidden class's images that is there. */
const situations = settings.data
  ? [
      { classes: 4, hidden: 0, part: 1 },
      { classes: 4, hidden: 1, part: 1 },
      { classes: 4, hidden: 1, part: 0.2 },
      { classes: 10, hidden: 0, part: 1 },
      { classes: 10, hidden: 1, part: 1 },
      { classes: 10, hidden: 3, part: 1 },
    ]
  : [
      { classes: 3, hidden: 0, part: 1 },
      { classes: 3, hidden: 1, part: 1 },
      { classes: 3, hidden: 1, part: 0.2 },
      { classes: 5, hidden: 1, part: 1 },
      { classes: 5, hidden: 3, part: 1 },
    ];

const whole = settings.data ? await readWorld(k, settings) : undefined;

/** Images that the encoder was not trained on: those of the test part, where there is one. */
function able({ truth, partition }) {
  const tests = partition?.includes('test');
  return [...truth.keys()].filter((image) => !tests || partition[image] === 'test');
}

/** The images of one draw, the hidden classes last. */
function worldOf({ classes, hidden, part }, seed) {
  const random = new k.Random(seed, 3);
  const world = whole ?? drawnWorld(k, { images: settings.images, classes, seed });
  // Drawn images have no pictures: the search for copies, which would find none, has nothing to look at.
  if (!whole) world.thumbnails.fill(0);
  const numbers = random.shuffle([...world.classes.keys()]).slice(0, classes);
  const images = random
    .shuffle(able(world).filter((image) => numbers.includes(world.truth[image])))
    .slice(0, settings.images)
    .filter((image) => numbers.indexOf(world.truth[image]) < classes - hidden || random.next() < part);
  const chosen = chosenOf(world, images);
  return {
    ...chosen,
    truth: chosen.truth.map((label) => numbers.indexOf(label)),
    classes: numbers.map((number) => world.classes[number]),
  };
}

function draw(situation, seed) {
  const world = worldOf(situation, seed);
  const random = new k.Random(seed, 2);
  const named = situation.classes - situation.hidden;
  const given = new Int32Array(world.truth.length).fill(-1);
  for (let label = 0; label < named; label++) {
    const own = [...world.truth.keys()].filter((image) => world.truth[image] === label);
    for (const image of random.shuffle(own).slice(0, settings.labels)) given[image] = label;
  }
  return { world, given, named };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const rows = [];
const asked = settings.only === '' ? [...situations.keys()] : settings.only.split(',').map(Number);
for (const situation of asked.map((at) => situations[at])) {
  const found = [];
  for (let seed = settings.first; seed < settings.first + settings.draws; seed++) {
    const { world, given, named } = draw(situation, seed);
    const results = await labelAt(k, { world, given }, targets, seed);
    const [{ novelty, report, labels }] = results;
    const open = [...given.keys()].filter((image) => given[image] < 0);
    const isHidden = (image) => world.truth[image] >= named;
    const share = (images, keep) =>
      images.length > 0 ? mean(images.map((image) => (keep(image) ? 1 : 0))) : 0;
    const [others, hiddenOnes] = [open.filter((image) => !isHidden(image)), open.filter(isHidden)];
    const unusual = (image) => novelty !== null && novelty.pValues[image] <= 0.05;
    const marked = (image) => labels[image].status === 'outlier';
    const { unnamed } = report;
    const shown = unnamed?.groups.flatMap((group) => group.shown.map(({ image }) => image)) ?? [];
    found.push({
      recall: share(hiddenOnes, unusual),
      alarms: share(others, unusual),
      outliers: share(hiddenOnes, marked),
      falseOutliers: share(others, marked),
      truth: hiddenOnes.length / open.length,
      share: unnamed?.share?.share ?? 0,
      atLeast: unnamed?.share?.atLeast ?? 0,
      shown: share(shown, isHidden),
      results,
    });
  }
  const of = (name) => percent(mean(found.map((each) => each[name])));
  rows.push({
    classes: situation.classes,
    hidden: situation.hidden,
    part: percent(situation.part),
    'recall at 5%': of('recall'),
    'false alarms': of('alarms'),
    outliers: of('outliers'),
    'false outliers': of('falseOutliers'),
    share: of('truth'),
    estimated: of('share'),
    'noticed at 95%': `${found.filter(({ atLeast }) => atLeast > 0).length} of ${found.length}`,
    'bound too high': found.filter(({ atLeast, truth }) => atLeast > truth).length,
    'hidden in groups': of('shown'),
    ...Object.fromEntries(
      targets.map((target, at) => {
        const promised = found.map(({ results }) => results[at]).filter((result) => result.share > 0);
        const wrong = promised.filter(({ error }) => error > target).length;
        return [`false at ${percent(target)}`, `${wrong} of ${promised.length}`];
      }),
    ),
  });
  console.error(JSON.stringify(rows.at(-1)));
}
if (settings.json) console.log(JSON.stringify({ settings, rows }));
else printTable(rows);
