import type { RawImage } from '../../../formats/images/raw_image.ts';
import type { SampleRange } from '../../../formats/images/screen_values.ts';
import type { DecodedImage, Fit } from '../../platform.ts';

/** What is wanted of an image file, and as what it comes. */
export interface Wanted {
  square: { readonly size: number; readonly fit: Fit; readonly range: SampleRange | undefined };
  whole: { readonly range: SampleRange | undefined };
  samples: Record<never, never>;
  size: Record<never, never>;
}

/** What comes of it. */
export interface Decoded {
  square: Uint8Array;
  whole: DecodedImage;
  samples: RawImage | undefined;
  size: { readonly width: number; readonly height: number };
}

/** An image file and what is wanted of it. */
export interface Job<Kind extends keyof Wanted = keyof Wanted> {
  readonly kind: Kind;
  readonly wanted: Wanted[Kind];
  readonly file: Blob;
  /** Which of its images, from 0. */
  readonly page: number;
  /** Whether there is memory for an image of any size that is read; else one that is large is left for later. */
  readonly mayBeLarge: boolean;
}

/** What stands in an image's place that waits until there is memory for it. */
export const later = 'later';
