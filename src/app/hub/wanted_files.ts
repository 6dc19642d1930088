import { shardNames } from '../../formats/sharded.ts';

/** Weights in a repository, by the names that libraries give them, the most wanted first. */
const weightsNames = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;

/** What is read beside weights. */
export const configNames = ['config.json', 'preprocessor_config.json'] as const;

/** Everything that may be asked for at first; the parts of an index follow from it. */
export const wantedNames: readonly string[] = [...weightsNames, ...configNames];

/** The weights that are taken of those that are there; undefined where there are none. */
export const chosenWeights = (there: (name: string) => boolean): string | undefined =>
  weightsNames.find(there);

/** Whether a file of weights is the index of several. */
export const isIndex = (name: string): boolean => name.endsWith('.index.json');

/** The files that an index would name, of those at the top of a repository: for their size before it is read. */
export const likelyParts = (index: string, name: string): boolean => {
  const [start, end] = index.startsWith('model.') ? ['model-', '.safetensors'] : ['pytorch_model-', '.bin'];
  return name.startsWith(start!) && name.endsWith(end!);
};

/** The files that an index names. @throws UserError where it is none */
export const partsOf = (bytes: Uint8Array, file: string): string[] =>
  shardNames(new TextDecoder().decode(bytes), file);
