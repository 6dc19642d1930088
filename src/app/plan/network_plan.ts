import { named, sentence, UserError } from '../../errors.ts';
import { type EncoderOptions, familyOf } from '../../nn/family_registry.ts';
import { resnetDepths } from '../../nn/resnet/resnet.ts';
import type { PretextSettings } from '../settings/common.ts';

/** The settings that say which network a pretext task trains from chance. */
export const networkNames = ['family', 'depth', 'width', 'stem', 'patch', 'blocks'] as const;

/** Their values, as far as they are known. */
export type NetworkSettings = Pick<PretextSettings, (typeof networkNames)[number]>;

/** Settings that only encoders of a family have. */
const ownNames = { resnet: ['depth', 'stem'], vit: ['patch', 'blocks'] } as const;

/** A network, but for its width. */
export interface NetworkPlan {
  /** Widths to choose from, widest first. */
  readonly widths: readonly number[];
  /** The network of a width. */
  encoderOf(width: number): EncoderOptions;
}

/** Tokens along a side: as many as ViT/16 has of 224 pixels. */
const mostTokens = 14;
/** Of a small ViT, half of the published ones. */
const usualBlocks = 6;

/**
 * Holds settings of a network against each other.
 * @param start the encoder that the run goes on from, where it does
 * @throws UserError where one belongs to another family, or a ViT is to be trained in f16
 */
export function requireNetwork(
  settings: NetworkSettings & Pick<PretextSettings, 'precision'>,
  start: EncoderOptions | undefined,
): void {
  const { family = 'resnet', precision } = settings;
  for (const name of ownNames[family === 'vit' ? 'resnet' : 'vit']) {
    if (settings[name] === undefined) continue;
    throw new UserError(
      sentence`${named(name, settings[name])} is of another family of encoders than ${family}, which ${named('family')} names: leave ${named(name)} out, or name its family`,
    );
  }
  if (precision === 'f16' && (start?.family ?? family) === 'vit')
    throw new UserError(
      sentence`${named('precision', precision)} is for ResNets: a ViT is trained in f32, so leave ${named('precision')} out`,
    );
}

/**
 * The network that settings ask for, at a side of its images.
 * @throws UserError where a ViT's patches do not fill the side, or its width has no heads
 */
export function planNetwork(settings: NetworkSettings, imageSize: number): NetworkPlan {
  const { family = 'resnet' } = settings;
  if (family === 'vit') return planViT(settings, imageSize);
  const stem = settings.stem ?? (imageSize <= 48 ? 'cifar' : 'imagenet');
  const depth = resnetDepths.find((candidate) => `${candidate}` === (settings.depth ?? '18'))!;
  return { widths: [64, 32, 16, 8], encoderOf: (width) => ({ depth, width, stem }) };
}

function planViT({ patch: given, blocks, width: wanted }: NetworkSettings, imageSize: number): NetworkPlan {
  let patch = given ?? Math.max(1, Math.ceil(imageSize / mostTokens));
  while (given === undefined && imageSize % patch !== 0) patch++;
  if (imageSize % patch !== 0) {
    throw new UserError(
      sentence`images of ${imageSize} pixels a side are no whole number of patches of ${patch}: let ${named('patch')} divide ${named('imageSize')}`,
    );
  }
  if (wanted !== undefined && wanted % 4 !== 0)
    throw new UserError(
      sentence`${named('width', wanted)} is no multiple of four, which the heads of a ViT need: take ${Math.ceil(wanted / 4) * 4}`,
    );
  const encoderOf = (width: number): EncoderOptions => {
    const options = {
      family: 'vit',
      patch,
      grid: imageSize / patch,
      width,
      depth: blocks ?? usualBlocks,
    } as const;
    // One head for every 64 channels, or the most below that which share the channels by fours.
    const most = Math.max(1, Math.floor(width / 64));
    const heads = Array.from({ length: most }, (_, i) => most - i).find(
      (count) => width % (4 * count) === 0,
    )!;
    return heads === most ? options : { ...options, heads };
  };
  return { widths: [192, 128, 64], encoderOf };
}

/** The settings that a network was made by. */
export function networkSettings(encoder: EncoderOptions): NetworkSettings {
  const { usualWidth } = familyOf(encoder);
  if (encoder.family === 'vit') {
    const { patch, width = usualWidth, depth } = encoder;
    return { family: 'vit', patch, width, blocks: depth };
  }
  const { depth, width = usualWidth, stem }: { depth?: number; width?: number; stem?: string } = encoder;
  return { family: 'resnet', depth: `${depth}`, width, stem } as NetworkSettings;
}
