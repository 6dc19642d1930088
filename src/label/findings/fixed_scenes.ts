import { isAnswered } from '../../data/labels/none_of_these.ts';
import { DisjointSets } from '../../numerics/disjoint_sets.ts';
import { chooseAscending, type Random } from '../../random.ts';

/** Images that are compared with each other, at most: 80,000 pairs. */
const mostCompared = 400;
/** An image has its background in common with so many others, none of them its copy, before it counts. */
const leastPartners = 3;
/** Side of the windows that a thumbnail is cut into. */
const windowSide = 4;
/** What noise and rounding leave in a pixel, in squared grey levels, and how much of a window's detail light and shade change. */
const noise = 4;
const shade = 0.02;
/** Of a pair's windows with detail so many must agree; fewer than so many windows with detail tell nothing. */
const leastShare = 0.6;
const leastDetailed = 8;

/** How much of a set was taken before the same backgrounds. */
export interface FixedScenes {
  /** Share of the images whose background many others have, as far as a sample of at most 400 tells. */
  readonly share: number;
  /** Backgrounds seen among the sample. */
  readonly scenes: number;
  /** Of these, those that no labelled image shows. */
  readonly unlabelled: number;
}

/**
 * Looks for images of fixed cameras: unlike copies they show other things, but most of each picture is the same, pixel for
 * pixel but for noise and light. Things that merely stand alike, as lungs in X-rays, agree in few windows so exactly.
 * @param thumbnails N grey squares, row by row, image after image
 * @param groupOf the observation of each image: pairs within one are copies, which are told elsewhere
 * @param given class given to each image; negative where none was
 * @param random draws the sample
 */
export function findFixedScenes(
  thumbnails: Uint8Array,
  groupOf: Int32Array,
  given: Int32Array,
  random: Random,
): FixedScenes {
  const count = groupOf.length;
  const sample = chooseAscending(count, Math.min(mostCompared, count), random);
  const labelled = Int32Array.from(given.keys()).filter((image) => isAnswered(given[image]!));
  const beside = chooseAscending(labelled.length, Math.min(mostCompared, labelled.length), random);
  const images = [...new Set([...sample, ...Array.from(beside, (at) => labelled[at]!)])];
  const windows = images.map((image) => windowsOf(thumbnails, image, count));
  const partners = new Int32Array(images.length);
  const pairs: (readonly [number, number])[] = [];
  for (let a = 0; a < images.length; a++) {
    for (let b = 0; b < a; b++) {
      if (groupOf[images[a]!] === groupOf[images[b]!] || !sameBackground(windows[a]!, windows[b]!)) continue;
      partners[a]!++;
      partners[b]!++;
      pairs.push([a, b]);
    }
  }
  const sets = new DisjointSets(images.length);
  for (const [a, b] of pairs) sets.unite(a, b);
  const places = [...images.keys()].filter((at) => partners[at]! >= leastPartners);
  const shown = places.filter((at) => at < sample.length);
  const scenes = new Set(shown.map((at) => sets.find(at)));
  const named = new Set(places.filter((at) => isAnswered(given[images[at]!]!)).map((at) => sets.find(at)));
  return {
    share: shown.length / Math.max(1, sample.length),
    scenes: scenes.size,
    unlabelled: [...scenes].filter((scene) => !named.has(scene)).length,
  };
}

/** The windows of an image about their means, and the sum of the squares of each. */
interface Windows {
  readonly pixels: Float32Array;
  readonly squares: Float32Array;
}

const area = windowSide ** 2;

function windowsOf(thumbnails: Uint8Array, image: number, count: number): Windows {
  const side = Math.sqrt(thumbnails.length / count);
  const across = Math.floor(side / windowSide);
  const pixels = new Float32Array(across * across * area);
  const squares = new Float32Array(across * across);
  for (let window = 0; window < across * across; window++) {
    const top = Math.floor(window / across) * windowSide;
    const left = (window % across) * windowSide;
    let sum = 0;
    for (let i = 0; i < area; i++) {
      const y = top + Math.floor(i / windowSide);
      const value = thumbnails[(image * side + y) * side + left + (i % windowSide)]!;
      pixels[window * area + i] = value;
      sum += value;
    }
    for (let i = window * area; i < (window + 1) * area; i++) {
      pixels[i]! -= sum / area;
      squares[window]! += pixels[i]! ** 2;
    }
  }
  return { pixels, squares };
}

/** Whether most windows with detail of two images agree but for noise, brightness and contrast. */
function sameBackground(a: Windows, b: Windows): boolean {
  let detailed = 0;
  let agreeing = 0;
  for (let window = 0; window < a.squares.length; window++) {
    const [ofA, ofB] = [a.squares[window]!, b.squares[window]!];
    if (Math.max(ofA, ofB) < 4 * noise * area) continue;
    detailed++;
    let product = 0;
    for (let i = window * area; i < (window + 1) * area; i++) product += a.pixels[i]! * b.pixels[i]!;
    // What is left of one when the other, at its own contrast, is taken off.
    const left = Math.max(ofA, ofB) - product ** 2 / Math.min(ofA, ofB);
    if (product > 0 && left <= noise * area + shade * Math.max(ofA, ofB)) agreeing++;
  }
  return detailed >= leastDetailed && agreeing >= leastShare * detailed;
}
