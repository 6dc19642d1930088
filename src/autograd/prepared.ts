import type { Launch } from '../gpu/launch.ts';
import { storagesOf, type Tape } from './tape.ts';
import type { Shape, Tensor } from './tensor.ts';

/** An f32 tensor for what `prepare` makes: it keeps its memory from run to run. @param label for error messages */
export function constant(tape: Tape, label: string, shape: Shape): Tensor {
  const tensor = tape.temporary(label, shape);
  tensor.storage.kept = true;
  return tensor;
}

/**
 * Records a kernel call that reads parameters, and what other such calls made, and writes tensors of `constant`: a run
 * leaves it out where nothing has written into what it reads since an earlier run. Only for programs that evaluate: in
 * others the parameters may change on the way to where they are read.
 * @param tensors by the WGSL names of its bindings
 */
export function prepare(tape: Tape, launch: Launch, tensors: Readonly<Record<string, Tensor>>): void {
  tape.recording.prepare(launch, storagesOf(tensors));
}
