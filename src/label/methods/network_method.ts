import type { ClassifierTrainer } from '../../classifier/trainer.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import type { EncoderOptions } from '../../nn/family_registry.ts';
import type { LinearHead } from '../../numerics/linear_head.ts';
import { fitProbe, probeHead } from '../../numerics/probe.ts';
import { type EncoderOrigin, type FeatureRows, rowsOf } from '../scan/features.ts';
import type { Method } from './method.ts';

/** Decoded images in memory, for what trains on pixels. */
export interface ImagePool {
  /** N·size·size·3 bytes: RGB, row by row, image after image. */
  readonly pixels: Uint8Array;
  /** Side of the images, in pixels. */
  readonly size: number;
  /** Where each image of the source lies among `pixels`; −1 where it does not. */
  readonly positions: Int32Array;
}

/** What a network method trains, and on what. */
export interface NetworkMethodOptions {
  /** Opens the trainer at the first fit: compiling takes seconds. */
  readonly trainer: () => Promise<ClassifierTrainer>;
  /** The images that training reads. */
  readonly pool: ImagePool;
  /** Number of classes. */
  readonly classes: number;
  /** Steps of one training. */
  readonly steps: number;
  /** Too slow here for a fit on every fold (see `Method.heldOutOnly`). */
  readonly heldOutOnly?: boolean;
  /** The network that is trained. */
  readonly architecture: EncoderOptions;
  /** How images become the network's input. */
  readonly recipe: InputRecipe;
  /** Features whose encoder the network starts from; a probe on them is the head's start. Absent: from scratch. */
  readonly start?: FeatureRows & { readonly origin: EncoderOrigin };
  /** The group of copies that each image of the source belongs to. */
  readonly groups: Int32Array;
  /** Images to learn from without their labels, by number in the source. */
  readonly unlabelled?: Int32Array;
}

/** Shares of a training at which a network may be stopped, as out-of-fold accuracy finds best. */
const stops = [0.4, 0.7, 1];

/** A network trained on the labelled images: from scratch, or from an encoder and a probe on its features. */
export function networkMethod(name: string, options: NetworkMethodOptions): Method {
  const { pool, classes, steps, architecture, recipe, start, groups, unlabelled } = options;
  const snapshotSteps = [...new Set(stops.map((share) => Math.max(1, Math.round(share * steps))))];
  const positions = (images: Int32Array) => images.map((image) => pool.positions[image]!);
  let opened: ClassifierTrainer | undefined;
  return {
    name,
    snapshots: snapshotSteps.length,
    heldOutOnly: options.heldOutOnly === true,
    async fit({ images, labels }, { queries, seed, snapshot, onProgress }) {
      opened ??= await options.trainer();
      const wanted = snapshot === undefined ? snapshotSteps : [snapshotSteps[snapshot]!];
      // Probing first keeps the features from being torn by a head that knows nothing (LP-FT, arXiv 2202.10054).
      const head: LinearHead | undefined =
        start &&
        probeHead(
          fitProbe(rowsOf(start, images), labels, classes, {
            seed,
            groups: images.map((image) => groups[image]!),
            // The network's last layer is linear in its features, whatever their length.
            scalings: ['standardised', 'raw'],
          }),
        );
      const labelled = new Set(images);
      const { snapshots } = await opened.fit(
        {
          images: positions(images),
          labels,
          ...(unlabelled && { unlabelled: positions(unlabelled.filter((image) => !labelled.has(image))) }),
        },
        {
          seed,
          steps,
          until: wanted.at(-1)!,
          snapshots: wanted,
          queries: positions(queries),
          ...(start && { weights: start.origin.encoder.tensors }),
          ...(head && { head }),
          ...(onProgress && { onProgress }),
        },
      );
      return snapshots.map(({ logits }) => logits);
    },
    async model() {
      if (!opened) throw new Error(`${name} was not fitted`);
      const encoder = { architecture, tensors: await opened.weights() };
      const card = start?.origin.card;
      return { head: await opened.head(), origin: { name, recipe, encoder, ...(card && { card }) } };
    },
    destroy() {
      opened?.destroy();
    },
  };
}
