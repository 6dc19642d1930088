import type { ClassifierTrainer } from '../../classifier/trainer.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import type { EncoderOptions } from '../../nn/family_registry.ts';
import type { LinearHead } from '../../numerics/linear_head.ts';
import { fitProbe, probeHead } from '../../numerics/probe/probe.ts';
import { type EncoderOrigin, type FeatureRows, rowsOf } from '../scan/features.ts';
import type { Method } from './method.ts';
import type { ImagePool } from './recipe_pool.ts';

/** What a network method trains, and on what. */
export interface NetworkMethodOptions {
  /** Opens the trainer at the first fit: compiling takes seconds. */
  readonly trainer: (pool: ImagePool) => Promise<ClassifierTrainer>;
  /** Reads the images as the network sees them, at the first fit. */
  readonly pool: () => Promise<ImagePool>;
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
  const { classes, steps, architecture, recipe, start, groups, unlabelled } = options;
  const snapshotSteps = [...new Set(stops.map((share) => Math.max(1, Math.round(share * steps))))];
  let opened: { readonly pool: ImagePool; readonly trainer: ClassifierTrainer } | undefined;
  const open = async () => {
    const pool = await options.pool();
    return { pool, trainer: await options.trainer(pool) };
  };
  return {
    name,
    snapshots: snapshotSteps.length,
    heldOutOnly: options.heldOutOnly === true,
    async fit({ images, labels }, { queries, seed, snapshot, onProgress }) {
      opened ??= await open();
      const { pool, trainer } = opened;
      const positions = (chosen: Int32Array) => chosen.map((image) => pool.positions[image]!);
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
      const { snapshots } = await trainer.fit(
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
      const { trainer } = opened;
      const encoder = { architecture, tensors: await trainer.weights() };
      const card = start?.origin.card;
      return { head: await trainer.head(), origin: { name, recipe, encoder, ...(card && { card }) } };
    },
    destroy() {
      opened?.trainer.destroy();
    },
  };
}
