import { checkSides, type RawImage, truncated, UnreadableImage } from '../raw_image.ts';
import type { Handle, Libheif, LibheifError, LibheifPicture } from './libheif.ts';

/**
 * Reads HEIC files by libheif. Turns, mirrors and cuts that the file's boxes ask for are applied; the orientation that a
 * camera writes into the Exif data beside them is not, since it says the same (ISO/IEC 23008-12, 7.2).
 */
export class HeicReader {
  readonly #create: () => Libheif;
  #libheif: Libheif | undefined;

  /** @param create makes a decoder; called at the first picture, and again where a damaged file has ended one */
  constructor(create: () => Libheif) {
    this.#create = create;
  }

  /**
   * Decodes the main picture to 8 bits a colour.
   * @throws UnreadableImage with a short reason
   */
  read(bytes: Uint8Array): RawImage {
    return this.#guarded((libheif) =>
      withPicture(libheif, bytes, (picture) => decodePicture(libheif, picture)),
    );
  }

  /**
   * Width and height of the main picture as it is to be seen, without decoding it.
   * @throws UnreadableImage with a short reason
   */
  size(bytes: Uint8Array): { readonly width: number; readonly height: number } {
    return this.#guarded((libheif) => withPicture(libheif, bytes, (picture) => sizeOf(libheif, picture)));
  }

  #guarded<Result>(work: (libheif: Libheif) => Result): Result {
    this.#libheif ??= this.#create();
    try {
      return work(this.#libheif);
    } catch (error) {
      if (error instanceof UnreadableImage) throw error;
      // WebAssembly that has stopped midway holds whatever it was doing, and cannot go on.
      this.#libheif = undefined;
      throw truncated();
    }
  }
}

/** Opens a file for as long as its main picture is looked at. */
function withPicture<Result>(libheif: Libheif, bytes: Uint8Array, work: (picture: Handle) => Result): Result {
  const context = libheif.heif_context_alloc();
  try {
    const opened = libheif.heif_context_read_from_memory(context, bytes);
    if (opened.code !== libheif.heif_error_code.heif_error_Ok) throw reasonOf(opened);
    const picture = libheif.heif_js_context_get_primary_image_handle(context);
    if (isError(picture)) throw reasonOf(picture);
    try {
      return work(picture);
    } finally {
      libheif.heif_image_handle_release(picture);
    }
  } finally {
    libheif.heif_context_free(context);
  }
}

function sizeOf(libheif: Libheif, picture: Handle): { width: number; height: number } {
  const width = libheif.heif_image_handle_get_width(picture);
  const height = libheif.heif_image_handle_get_height(picture);
  checkSides(width, height);
  return { width, height };
}

function decodePicture(libheif: Libheif, picture: Handle): RawImage {
  sizeOf(libheif, picture);
  const hasAlpha = libheif.heif_image_handle_has_alpha_channel(picture) !== 0;
  const isPremultiplied = hasAlpha && libheif.heif_image_handle_is_premultiplied_alpha(picture) !== 0;
  const { heif_chroma_interleaved_RGB: rgb, heif_chroma_interleaved_RGBA: rgba } = libheif.heif_chroma;
  const colours = libheif.heif_colorspace.heif_colorspace_RGB;
  const decoded = libheif.heif_js_decode_image2(picture, colours, hasAlpha ? rgba : rgb);
  if (isError(decoded)) throw reasonOf(decoded);
  try {
    const image = imageOf(decoded as LibheifPicture, hasAlpha ? 4 : 3);
    if (isPremultiplied) divideByAlpha(image.samples);
    return image;
  } finally {
    libheif.heif_image_release((decoded as LibheifPicture).image);
  }
}

const isError = (result: Handle | LibheifError): result is LibheifError =>
  result === undefined || result === null || (result as { code?: unknown }).code !== undefined;

/** Rows one behind the other, without what fills them up in the decoder's memory. */
function imageOf({ channels: [channel] }: LibheifPicture, channels: 3 | 4): RawImage {
  if (!channel) throw truncated();
  const { width, height, stride, data } = channel;
  checkSides(width, height);
  const samples = new Uint8Array(channels * width * height);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * stride, y * stride + channels * width);
    samples.set(row, y * channels * width);
  }
  return { width, height, channels, samples };
}

/** Colours of which the part that shows is kept, as they are where nothing shines through. */
function divideByAlpha(samples: RawImage['samples']): void {
  for (let i = 0; i < samples.length; i += 4) {
    const alpha = samples[i + 3]!;
    for (let c = i; c < i + 3 && alpha > 0; c++)
      samples[c] = Math.min(255, Math.round((255 * samples[c]!) / alpha));
  }
}

/** What libheif says, and what it means; whatever else it says is of a damaged file. */
const reasons: readonly (readonly [said: RegExp, reason: string])[] = [
  [/exceeds the maximum image size/i, 'over 50 megapixels'],
  // Some programs that turn a picture write the turned sides in front of the turn.
  [
    /size signaled in the file/i,
    'a HEIC image that announces another size than its picture has, which libheif refuses: export it as JPEG',
  ],
  [
    /unsupported|not supported|no decoding plugin/i,
    'a HEIC image with something in it that libheif does not read: export it as JPEG',
  ],
];

function reasonOf(error: LibheifError | undefined): UnreadableImage {
  const found = reasons.find(([said]) => said.test(String(error?.message ?? '')));
  return found ? new UnreadableImage(found[1]) : truncated();
}
