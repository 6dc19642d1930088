import { encodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';

/**
 * A feature matrix with the images that its rows belong to, as a safetensors file: `features` [N, d] F32, and `paths`
 * U8, the UTF-8 bytes of a JSON list of N strings. A tensor, because metadata would count towards the format's header
 * limit.
 * @param features N × d, row-major
 * @param paths of the N images, in the order of the rows
 * @param metadata what the file says of the encoder (see `encoderMetadata`)
 */
export function encodeFeatures(
  features: Float32Array,
  paths: readonly string[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(paths));
  const columns = features.length / Math.max(1, paths.length);
  return encodeSafetensors(
    new Map<string, StoredTensor>([
      ['features', { dtype: 'F32', shape: [paths.length, columns], data: Float32Array.from(features) }],
      ['paths', { dtype: 'U8', shape: [json.length], data: json }],
    ]),
    metadata,
  );
}
