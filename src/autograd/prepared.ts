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
 * Records a kernel call that depends on parameters alone and writes tensors of `constant`: runs that follow may leave it
 * out as long as the parameters stay.
 * @param tensors by the WGSL names of its bindings
 */
export function prepare(tape: Tape, launch: Launch, tensors: Readonly<Record<string, Tensor>>): void {
  tape.recording.prepare(launch, storagesOf(tensors));
}
