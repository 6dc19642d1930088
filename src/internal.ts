/**
 * All of `kindred` and `kindred/label`, and what the project's own benches and browser tests measure beyond them: it may
 * change with any version.
 *
 * @module kindred/internal
 */
export * from './index.ts';
export * from './label.ts';

// The adapter's measured limits.
export {
  type AdapterSpeed,
  measureSpeed,
  type Yardstick,
  type Yardsticks,
  yardsticks,
} from './app/plan/adapter_speed.ts';

// The bound over groups of images, for the bench that draws such groups.
export {
  type Accepted,
  acceptedByThreshold,
  chooseThreshold,
  type ScoredPredictions,
} from './label/confidence/threshold_rule.ts';

// Ops as the tape sees them.
export { currentTape } from './autograd/tape.ts';
export { registry as ops } from './ops/index.ts';

// Clusters, for the bench in which people label what is typical.
export { kMeans } from './numerics/k_means.ts';

// Numbers as files of half the width hold them.
export { toHalves } from './numerics/half.ts';

// The search for kernels and the choices it leaves.
export { kernelsHash, shippedName } from './kernels/tuning/choice_cache.ts';
export { type SearchOptions, type SearchResult, search } from './kernels/tuning/search.ts';

// What a batch takes of memory.
export { chooseChunk, plannedBuffers } from './pretext/chunk_size.ts';

// Starts as a job's settings name them, each encoder at its own recipe.
export { givenStarts, readGivenStarts } from './app/inputs/given_starts.ts';

// The two halves of a labelling, so that one comparison serves several target errors.
export { gatherEvidence } from './label/evidence.ts';
export { fitDraw } from './label/methods/fit_draw.ts';
export { createMethods } from './label/methods/method_registry.ts';
export { hits } from './label/methods/out_of_fold.ts';
export { labelByEvidence } from './label/pipeline.ts';
export { labelledSet } from './label/task.ts';

// A sample of the automatic labels, and what its return changes.
export { drawAudit } from './label/audit_draw.ts';
export { auditedFrom, takeAudit } from './label/take_audit.ts';

// The processes that MPI started together.
export { openRanks } from './app/ranks.ts';

// Chance from a seed, the same on every machine.
export { Random } from './random.ts';

// The map of an embedding as pixels.
export type { MapPictures } from './gpu/point_map/atlas.ts';
export { type MapView, PointMap } from './gpu/point_map/point_map.ts';

// A job of shards, for the bench that makes the parts of very many images.
export { partFile, readManifest } from './app/shards/manifest.ts';
export { emptyPart, encodePart, ownerOf } from './app/shards/part_file.ts';
