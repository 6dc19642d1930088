import { UserError } from '../../errors.ts';
import { quote } from '../../formats/quote.ts';
import type { TensorFile } from '../../formats/tensor_file.ts';
import type { Refuse } from '../../nn/family.ts';
import {
  type EncoderOptions,
  families,
  familyOf,
  inferEncoder,
  withUntold,
} from '../../nn/family_registry.ts';
import { torchShapes } from '../../nn/state_dict.ts';
import { fromTorch } from '../../nn/torch_layout.ts';
import { type Normalisation, pixelScale } from '../../ops/augment.ts';
import { readMetadata } from '../metadata.ts';
import { readFloats } from '../stored_floats.ts';
import { chooseEncoder } from './choose_encoder.ts';
import { refuseDeadWeights } from './dead_weights.ts';
import { findEncoders, mostEncoders } from './find_encoders.ts';
import { fitProblems } from './fit.ts';
import type { FoundEncoder } from './found.ts';
import { findHead } from './head.ts';
import { describeOther } from './other_files.ts';
import { normaliseTwice, pixelNormScale, storedNormalisation } from './pixels.ts';
import { leftOver, type NormalisationSource, sourceNotes } from './source_notes.ts';
import { unlikeResNet } from './unlike_resnet.ts';
import type { StatedOptions, Weights } from './weights.ts';

/** An encoder and all that is known of it, out of a decoded file; see `readWeights`. */
export function readEncoder(content: TensorFile, file: string, stated: StatedOptions = {}): Weights {
  const { tensors: stored, metadata } = content;
  const wanted = Object.values(families).map(({ weights }) => weights);
  const refuse: Refuse = (reason) => {
    throw new UserError(`${file} ${reason}: give ${wanted.join(' or ')}`);
  };
  const found = findEncoders(stored);
  if (found.length === 0) return refuse(describeOther(stored, content.unread));
  if (found.length > mostEncoders) return refuse(`holds more than ${mostEncoders} encoders`);
  const choice = chooseEncoder(found, (encoder) => fits(encoder, content));
  if (!choice) {
    const prefixes = found.map(({ prefix }) => quote(`${prefix}…`)).join(' and ');
    throw new UserError(
      `${file} holds several encoders (${prefixes}) and does not say which is meant: save the one that you want in a file of its own`,
    );
  }
  const { encoder: chosen } = choice;
  const unlike = unlikeResNet(chosen, stored);
  if (unlike !== undefined) return refuse(unlike);
  const own = readMetadata(metadata, file);
  const inferred = inferEncoder(chosen.tensors, refuse);
  const options = withUntold(withUntold(inferred, own.encoder ?? {}), stated);
  const conflict = familyOf(options).conflict?.(options);
  if (conflict !== undefined) return refuse(conflict);
  const problems = problemsOf(chosen, options, content);
  if (problems.length > 0) return refuse(problems.join('; '));
  const tensors = new Map<string, Float32Array>();
  const { title, featureSize, ...architecture } = familyOf(options).describe(options);
  const shapes = torchShapes({ title, featureSize, ...architecture });
  for (const [name, shape] of shapes) {
    const tensor = chosen.tensors.get(name)!;
    const own = new Map([[tensor.from, tensor]]);
    tensors.set(name, fromTorch({ shape, data: readFloats(own, tensor.from, shape, refuse) }));
  }
  refuseDeadWeights(chosen.tensors, refuse);

  const head = findHead(stored, chosen.prefix, featureSize);
  const isOurs = metadata.encoder !== undefined;
  const { normalise, from } = normalisationOf(content, chosen, options, own.normalise);
  const pixelNorm = chosen.pixelNorm && pixelNormScale(chosen.pixelNorm);
  if (chosen.pixelNorm && !pixelNorm)
    return refuse(
      `has a norm of the pixels (${quote([...chosen.pixelNorm.values()][0]!.from)}) that is none of batch norm`,
    );
  const used = new Set(
    [...chosen.tensors]
      .filter(([name]) => familyOf(options).owns(name))
      .map(([, tensor]) => tensor)
      .concat(...(chosen.pixelNorm?.values() ?? []))
      .flatMap(({ from, alsoFrom = [] }) => [from, ...alsoFrom]),
  );
  const parts = leftOver(stored, used, chosen.prefix);
  return {
    encoder: options,
    tensors,
    normalise: pixelNorm ? normaliseTwice(normalise, pixelNorm) : normalise,
    ...(own.imageSize !== undefined && { imageSize: own.imageSize }),
    ...(own.resize && { resize: own.resize }),
    ...(own.mirror && { mirror: true }),
    ...(chosen.positions && { positions: chosen.positions }),
    metadata,
    ...(head && { head }),
    ...(pixelNorm && { pixelNorm }),
    source: {
      format: content.format,
      namings: chosen.namings,
      prefix: chosen.prefix,
      passedOver: choice.passedOver,
      leftOver: parts,
      normalisation: from,
      notes: sourceNotes(choice, parts, head, options, isOurs),
    },
  };
}

/** What keeps an encoder from being one that options describe. */
function problemsOf(
  { tensors }: FoundEncoder,
  options: EncoderOptions,
  { unread }: Pick<TensorFile, 'unread'>,
): string[] {
  const family = familyOf(options);
  const architecture = family.describe(options);
  return fitProblems(tensors, torchShapes(architecture), architecture.title, family, unread);
}

/** Whether an encoder is whole. */
function fits(encoder: FoundEncoder, content: TensorFile): boolean {
  if (unlikeResNet(encoder, content.tensors) !== undefined) return false;
  try {
    const refuse: Refuse = (reason) => {
      throw new UserError(reason);
    };
    return problemsOf(encoder, inferEncoder(encoder.tensors, refuse), content).length === 0;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** How pixels are normalised, and who says so. */
function normalisationOf(
  { tensors, metadata }: TensorFile,
  { plainPixels }: FoundEncoder,
  options: EncoderOptions,
  stated: Normalisation | undefined,
): { normalise: Normalisation; from: NormalisationSource } {
  if (stated) return { normalise: stated, from: 'metadata' };
  if (metadata.encoder !== undefined) return { normalise: pixelScale, from: 'metadata' };
  const stored = storedNormalisation(tensors);
  if (stored) return { normalise: stored, from: 'tensors' };
  if (plainPixels) return { normalise: { mean: 0, std: 1 }, from: 'naming' };
  return { normalise: familyOf(options).usualNormalisation(options), from: 'family' };
}
