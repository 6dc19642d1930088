import { UserError } from '../../errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../formats/safetensors.ts';
import type { EncoderOrigin } from '../../label/scan/features.ts';
import { perChannel } from '../../ops/augment.ts';
import type { Files } from '../../platform/platform.ts';
import { digestOf, encoderFile, type JobEncoder, type Manifest } from './manifest.ts';

/** The file of an encoder's tensors, as they are. */
export const encoderBytes = ({ encoder }: EncoderOrigin): Uint8Array =>
  encodeSafetensors(
    new Map(
      Array.from(encoder.tensors, ([name, data]) => [
        name,
        { dtype: 'F32', shape: [data.length], data: data as Float32Array<ArrayBuffer> },
      ]),
    ),
  );

/** What tells an encoder from others. @param bytes its file, where that is at hand */
export async function identityOf(
  origin: EncoderOrigin,
  bytes = encoderBytes(origin),
): Promise<Pick<JobEncoder, 'weights' | 'architecture' | 'recipe'>> {
  const { imageSize, resize, normalise, mirror } = origin.recipe;
  const { mean, std } = normalise;
  return {
    weights: await digestOf(bytes),
    architecture: origin.encoder.architecture,
    recipe: {
      imageSize,
      ...(resize && { resize }),
      normalise: { mean: [...perChannel(mean)], std: [...perChannel(std)] },
      ...(mirror && { mirror }),
    },
  };
}

/** The job's encoders. @throws UserError where a file is not the one that was planned */
export async function readEncoders(
  files: Files,
  job: string,
  { encoders }: Manifest,
): Promise<EncoderOrigin[]> {
  const read: EncoderOrigin[] = [];
  for (const [place, { name, weights, architecture, recipe }] of encoders.entries()) {
    const path = files.join(job, encoderFile(place));
    const bytes = (await files.stat(path))?.kind === 'file' ? await files.read(path) : undefined;
    if (!bytes || (await digestOf(bytes)) !== weights)
      throw new UserError(
        `${path} ${bytes ? 'holds another checkpoint than when the shards were planned' : 'is missing'}: plan the shards anew`,
      );
    const { tensors } = decodeSafetensors(bytes, path);
    const own = new Map(Array.from(tensors, ([key, { data }]) => [key, data as Float32Array]));
    read.push({ name, recipe, encoder: { architecture, tensors: own } });
  }
  return read;
}
