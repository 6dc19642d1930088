import type { PickleValue } from './pickle_values.ts';
import type { Storages } from './tensor_data.ts';

/** A file of torch.save, taken apart: what was saved, and the bytes behind its tensors. */
export interface TorchContainer {
  readonly value: PickleValue;
  readonly storages: Storages;
}
