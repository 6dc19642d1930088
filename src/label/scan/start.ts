import type { ImageStream } from '../../data/sources/image_stream.ts';
import type { ImageCensus } from './census.ts';
import type { FeatureOrigin, Features } from './features.ts';
import type { ReadingOptions } from './read_through.ts';

/** What a pass over a stream's images, or a file of an earlier one, tells about all of them. */
export interface Scan {
  /** Features of every image of the stream. */
  readonly features: Features;
  /** Absent where nobody looked at the images themselves. */
  readonly census?: ImageCensus;
}

/** What is asked of a scan. */
export interface ScanRequest extends ReadingOptions {
  /** Whether the images' census is wanted too, where it comes along with the features. */
  readonly census: boolean;
}

/** Features that downstream methods start from, wherever they come from: an encoder run here, files, shards. */
export interface Start {
  /** What makes the features. */
  readonly origin: FeatureOrigin;
  /** Whether their encoder has seen given labels: on these it cannot be checked, in whatever folds. */
  readonly learnedFromLabels?: boolean;
  /** Makes or reads the features of every image of the stream; asked once. */
  scan(stream: ImageStream, request: ScanRequest): Promise<Scan>;
}

/** A start of features that are at hand. @param census of the same images, where it is at hand too */
export function knownStart(features: Features, census?: ImageCensus): Start {
  return {
    origin: features.origin,
    scan: async () => ({ features, ...(census && { census }) }),
  };
}
