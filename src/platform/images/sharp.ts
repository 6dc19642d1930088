import { UserError } from '../../errors.ts';
import { isCheckout } from '../node_package.ts';

type Sharp = typeof import('sharp')['default'];
/** What sharp makes images of and does to them. */
export type SharpImage = ReturnType<Sharp>;
/** An image file's bytes, or its path. */
export type SharpInput = string | Uint8Array;

let loading: Promise<Sharp> | undefined;

/**
 * sharp, with the loaders that users' files may reach. Loaded at first use, since its native library costs every command a
 * tenth of a second.
 * @throws UserError where it does not load
 */
export function loadSharp(): Promise<Sharp> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Sharp> {
  const { default: sharp } = await import('sharp').catch(() => {
    const advice = isCheckout()
      ? 'run "npm ci" again'
      : 'install kindred again, with the optional packages of its packages';
    throw new UserError(`images cannot be decoded, since the package sharp does not load here: ${advice}`);
  });
  // Many small images: no result is asked for twice, and parallelism comes from decoding several at once.
  sharp.cache(false);
  sharp.concurrency(1);
  // Users' folders are untrusted: only these formats' loaders, not SVG, PDF or ImageMagick's. This holds for all of the
  // process's use of sharp.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['Jpeg', 'Png', 'Webp', 'Tiff', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}`),
  });
  return sharp;
}

/** The most pixels of an image that is decoded whole. */
export const mostPixels = 50e6;

/** Most warnings mean a damaged file, whose missing part would silently become grey. */
export const strict = {
  failOn: 'warning',
  limitInputPixels: mostPixels,
  ignoreIcc: true,
  autoOrient: true,
} as const;

/** Why sharp cannot decode a file, in a few words. */
export function shortReason(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  if (/pixel limit/.test(message)) return 'over 50 megapixels';
  if (/unsupported image format/.test(message)) return 'not an image';
  const compression = /(\w+) compression support is not configured/.exec(message)?.[1];
  if (compression)
    return `compressed with ${compression}, which is not read here: save it with LZW or Deflate`;
  // A warning may come without its text.
  if (/premature end|read error|corrupt|unable to parse|^Warning treated/i.test(message)) {
    return 'truncated or damaged';
  }
  return `cannot be decoded (${message})`;
}
