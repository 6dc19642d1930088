import * as v from 'valibot';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { UserError } from '../../errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredDtype,
  type StoredTensor,
} from '../../formats/safetensors.ts';
import { thumbnailPixels } from '../../label/scan/census.ts';
import type { Start } from '../../label/scan/start.ts';
import type { Files } from '../../platform/platform.ts';
import type { DeskScan } from './judge.ts';

/** The name of the file in a folder of features. */
const name = 'features.safetensors';

const about = v.object({
  name: v.string(),
  recipe: v.exactOptional(v.custom<InputRecipe>((recipe) => typeof recipe === 'object')),
  learnedFromLabels: v.boolean(),
  unreadable: v.array(v.object({ path: v.string(), reason: v.string() })),
  fingerprint: v.string(),
});

/** Keeps features and the census of their images in a folder, so that nobody has to look at the images again. */
export async function saveScan(files: Files, folder: string, scan: DeskScan): Promise<void> {
  const { values, columns, name: encoder, recipe, learnedFromLabels, census } = scan;
  const { sameAs, thumbnails, readable, unreadable, fingerprint } = census;
  const count = sameAs.length;
  const tensors = new Map<string, StoredTensor>([
    ['features', { dtype: 'F32', shape: [count, columns], data: values as Float32Array<ArrayBuffer> }],
    [
      'thumbnails',
      { dtype: 'U8', shape: [count, thumbnailPixels], data: thumbnails as Uint8Array<ArrayBuffer> },
    ],
    ['sameAs', { dtype: 'I32', shape: [count], data: sameAs as Int32Array<ArrayBuffer> }],
    ['readable', { dtype: 'U8', shape: [count], data: readable as Uint8Array<ArrayBuffer> }],
  ]);
  const facts = { name: encoder, recipe, learnedFromLabels, unreadable, fingerprint };
  await files.makeFolder(folder);
  await files.writeAtomic(
    files.join(folder, name),
    encodeSafetensors(tensors, { kindred: JSON.stringify(facts) }),
  );
}

/**
 * A start whose features a scan of the same images has, in the place of one that would make them anew; the start itself
 * where the scan is by another encoder, or saw the images otherwise.
 */
export function startAtHand(start: Start, scan: DeskScan): Start {
  const { origin } = start;
  const same = origin.name === scan.name && JSON.stringify(origin.recipe) === JSON.stringify(scan.recipe);
  if (!same) return start;
  const { values, columns, census } = scan;
  return { ...start, scan: async () => ({ features: { values, columns, origin }, census }) };
}

/**
 * Reads what `saveScan` kept; undefined where nothing is there.
 * @throws UserError where the file is damaged, or of another number of images
 */
export async function readScan(files: Files, folder: string, images: number): Promise<DeskScan | undefined> {
  const path = files.join(folder, name);
  if ((await files.stat(path))?.kind !== 'file') return undefined;
  const { tensors, metadata } = decodeSafetensors(await files.read(path), path);
  const told = v.safeParse(v.pipe(v.string(), v.parseJson(), about), metadata.kindred);
  const tensor = (of: string, dtype: StoredDtype) => {
    const found = tensors.get(of);
    return found?.dtype === dtype && found.shape[0] === images ? found : undefined;
  };
  const features = tensor('features', 'F32');
  const thumbnails = tensor('thumbnails', 'U8');
  const readable = tensor('readable', 'U8');
  const sameAs = tensor('sameAs', 'I32');
  if (!told.success || !features || !thumbnails || !readable || !sameAs)
    throw new UserError(`${path} is damaged: take the features of the images anew`);
  const { name: encoder, recipe, learnedFromLabels, ...facts } = told.output;
  return {
    values: features.data as Float32Array,
    columns: features.shape[1]!,
    name: encoder,
    recipe,
    learnedFromLabels,
    census: {
      ...facts,
      sameAs: sameAs.data as Int32Array,
      thumbnails: thumbnails.data as Uint8Array,
      readable: readable.data as Uint8Array,
    },
  };
}
