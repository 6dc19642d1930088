import { curveAccuracy, curveDifference } from '../../../src/label/compare/estimates.ts';
import type { ComparedEncoder, EncoderComparison } from '../../../src/label/compare/result.ts';
import { Random } from '../../../src/random.ts';

const heldOut = 200;
const draws = 4;
const perClass = [2, 10, null];

/** Hits of a method that gets better with labels. */
function hitsOf(skill: number, at: number, random: Random): Uint8Array[] {
  return Array.from({ length: perClass[at] === null ? 1 : draws }, () =>
    Uint8Array.from({ length: heldOut }, () => (random.next() < skill + 0.1 * at ? 1 : 0)),
  );
}

/** A made-up comparison. @param first title of the first encoder */
export function makeComparison(first = 'SimCLR'): EncoderComparison {
  const random = new Random(7, 0);
  const reference = perClass.map((_, at) => hitsOf(0.4, at, random));
  const curve = (how: string, skill: number | undefined) => ({
    how,
    against: skill === undefined ? null : how === 'supervised' ? 'probe' : how,
    points: perClass.map((point, at) => {
      const own = skill === undefined ? reference[at]! : hitsOf(skill, at, random);
      return {
        perClass: point,
        labels: point === null ? 400 : 3 * point,
        accuracy: curveAccuracy(own)!,
        difference: skill === undefined ? null : curveDifference(own, reference[at]!),
      };
    }),
  });
  const encoder = (name: string, title: string, more: Partial<ComparedEncoder>): ComparedEncoder => ({
    name,
    title,
    training: null,
    learnsFromLabels: false,
    budget: null,
    stopped: null,
    curves: [],
    ...more,
  });
  const budget = { epochs: 3, images: 1200 };
  const training = {
    method: 'simclr',
    title: 'SimCLR',
    reference: 'Chen et al. 2020',
    learning: 'telling two views of an image from those of others',
    learnedFromLabels: false,
    metrics: [],
    curves: [{ title: 'Loss', lines: [{ of: 'loss', name: 'loss' }] }],
    epochs: [0, 1, 2].map((epoch) => ({ epoch, loss: 3 - epoch / 2 })),
  };
  const drawn = { ...training, pictures: { rows: ['the images', 'what was seen'], png: 'iVBORw0KGgo=' } };
  return {
    title: 'made up: 400 training images',
    network: 'ResNet-18',
    imageSize: 16,
    images: 400,
    heldOut: { images: heldOut, from: 'official test images' },
    classes: ['cat', 'dog', 'owl'],
    draws,
    budget: { of: 'images', amount: 1200 },
    reference: 'simclr',
    encoders: [
      encoder('simclr', first, {
        training,
        budget,
        curves: [curve('probe', undefined), curve('knn', undefined)],
      }),
      encoder('supcon', 'SupCon', { training, budget, learnsFromLabels: true }),
      encoder('byol', 'BYOL', { budget, stopped: 'the encoder collapsed <b>at once</b>' }),
      encoder('rotation', 'Rotation', {
        training: drawn,
        budget,
        curves: [curve('probe', 0.3), curve('knn', 0.3)],
      }),
      encoder('scratch', 'supervised from scratch', { curves: [curve('supervised', 0.2)] }),
      encoder('random', 'random features', { curves: [curve('probe', 0.1), curve('knn', 0.1)] }),
    ],
    provenance: {
      command: ['compare', '--data', 'made up'],
      seed: 1,
      versions: { kindred: '1.2.3' },
      adapter: 'none',
      fingerprint: '0'.repeat(64),
    },
  };
}
