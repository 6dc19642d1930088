import type { StateDictShapes } from './family.ts';

/** Residual blocks in `layer1`, `layer2` … of a state dict, as many stages as `stages`. */
export function countBlocks(tensors: StateDictShapes, stages: number): number[] {
  return Array.from({ length: stages }, (_, stage) => {
    let count = 0;
    while (tensors.has(`layer${stage + 1}.${count}.conv1.weight`)) count++;
    return count;
  });
}
