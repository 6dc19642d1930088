// Does the bound over groups hold? Groups of images are drawn again and again, the images of each alike or not in whether
// they are named rightly, and it is counted how often an error above the target is promised:
//
//   node bench/bounds/groups.mjs [--draws 300] [--targets 0.05,0.1,0.2] [--seed 1] [--json]
//
// flat: the error is 3% above the target at every confidence, where any promise is false. larger: the error grows with
// the root of a group's size, and a promise is false where more among the images of 4,000 further groups are wrong. rare:
// the error is half of the target on the whole and less among the surest, where promises are wanted. Counted by groups, as
// kindred does, by one image drawn of each, and by images.
import { loadKindred, options, percent, printTable } from '../support.mjs';

const { draws, targets, build, seed, json } = options({ draws: 300, targets: '0.05,0.1,0.2', seed: 1 });
const { acceptedByThreshold, chooseThreshold } = await loadKindred(build);

let state = seed;
/** Uniform in (0, 1): mulberry32. */
function uniform() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
}
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
/** Marsaglia & Tsang (2000). */
function gamma(k) {
  if (k < 1) return gamma(k + 1) * uniform() ** (1 / k);
  const d = k - 1 / 3;
  for (;;) {
    const x = normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
/** The error of a group: beta with this mean, and with this correlation among its images. */
function errorOfGroup(mean, correlation) {
  if (correlation === 0) return mean;
  if (correlation === 1) return uniform() < mean ? 1 : 0;
  const size = 1 / correlation - 1;
  const wrong = gamma(mean * size);
  return wrong / (wrong + gamma((1 - mean) * size));
}

const sizes = {
  'all ten': { mean: 10, draw: () => 10 },
  geometric: { mean: 5, draw: () => 1 + Math.floor(Math.log(uniform()) / Math.log(0.8)) },
  'log-normal': { mean: 9.2, draw: () => Math.max(1, Math.round(Math.exp(1.5 + 1.2 * normal()))) },
  'mostly alone': { mean: 1.7, draw: () => (uniform() < 0.9 ? 1 : 8) },
};
/** Correlation of the images of a group: in being wrong, and the share of the group in their confidence. */
const alike = [
  [1, 0.9],
  [1, 0],
  [0.3, 0.5],
  [0, 0],
];

function drawGroup(kind, target, { mean, draw }, [correlation, share]) {
  const count = draw();
  const error = { flat: 1.03, larger: 1.03 * Math.sqrt(count / mean), rare: 0.5 }[kind] * target;
  const own = errorOfGroup(Math.min(0.95, error), correlation);
  const sureness = normal();
  const confidence = [];
  const correct = [];
  for (let image = 0; image < count; image++) {
    const c = Math.sqrt(share) * sureness + Math.sqrt(1 - share) * normal();
    const risk = kind === 'rare' ? Math.min(1, (4 * own) / (1 + Math.exp(2.2 * c + 0.3))) : own;
    confidence.push(c);
    correct.push(uniform() < risk ? 0 : 1);
  }
  return { confidence, correct };
}

/** Error among all images of at least some confidence, of many groups. */
function truthOf(groups) {
  const rows = groups.flatMap(({ confidence, correct }) => confidence.map((c, i) => [c, correct[i]]));
  return (threshold) => {
    const accepted = rows.filter(([c]) => c >= threshold);
    return accepted.filter(([, right]) => !right).length / accepted.length;
  };
}

const ways = {
  groups: (groups) => ({ shown: groups, groups: groups.flatMap(({ correct }, at) => correct.map(() => at)) }),
  'one of each': (groups) => ({
    shown: groups.map(({ confidence, correct }) => {
      const at = Math.floor(uniform() * correct.length);
      return { confidence: [confidence[at]], correct: [correct[at]] };
    }),
  }),
  images: (groups) => ({ shown: groups }),
};

function chosenThreshold(way, groups, target) {
  const { shown, ...grouped } = ways[way](groups);
  const all = acceptedByThreshold({
    confidence: shown.flatMap(({ confidence }) => confidence),
    correct: shown.flatMap(({ correct }) => correct),
    ...grouped,
  });
  // Thirty thresholds, for speed.
  const step = Math.ceil(all.length / 30);
  const some = all.filter((_, at) => (all.length - 1 - at) % step === 0);
  return some[chooseThreshold(some, target)]?.threshold;
}

const rows = [];
for (const kind of ['flat', 'larger', 'rare']) {
  for (const target of targets.split(',').map(Number)) {
    for (const [name, size] of Object.entries(sizes)) {
      for (const likeness of alike) {
        const count = target <= 0.05 ? 150 : 80;
        const draw = (n) => Array.from({ length: n }, () => drawGroup(kind, target, size, likeness));
        const truth = kind === 'larger' ? truthOf(draw(4000)) : () => (kind === 'flat' ? 1 : 0);
        const found = Object.fromEntries(Object.keys(ways).map((way) => [way, 0]));
        for (let i = 0; i < draws; i++) {
          const groups = draw(count);
          for (const way of Object.keys(ways)) {
            const threshold = chosenThreshold(way, groups, target);
            if (threshold !== undefined && (kind === 'rare' || truth(threshold) > target)) found[way]++;
          }
        }
        const shares = Object.entries(found).map(([way, n]) => [`by ${way}`, n / draws]);
        rows.push({
          kind,
          target,
          count,
          sizes: name,
          alike: likeness[0],
          sureness: likeness[1],
          ...Object.fromEntries(shares),
        });
      }
    }
  }
}
if (json) console.log(JSON.stringify(rows));
else {
  console.log('flat, larger: false promises; rare: promises');
  printTable(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          key === 'target' || key.startsWith('by ') ? percent(value) : value,
        ]),
      ),
    ),
  );
}
