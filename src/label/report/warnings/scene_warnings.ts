import type { FixedScenes } from '../../findings/fixed_scenes.ts';
import { percent } from '../format.ts';

/** Backgrounds in common are worth a word where so much of the images have one. */
const largeShare = 0.1;

/**
 * What a person must know where images come from fixed cameras.
 * @param grouped whether images that belong together are known, perhaps those of a camera
 */
export function sceneWarnings({ share, scenes, unlabelled }: FixedScenes, grouped: boolean): string[] {
  if (share < largeShare) return [];
  const seen = scenes === 1 ? 'one place was seen' : `${scenes} places were seen`;
  const those = scenes === 1 ? 'it' : `${unlabelled} of these`;
  const without = unlabelled === 0 ? '' : ` No label is from ${those}: label images there too.`;
  const group = grouped ? '' : '; to label images of new places, give the camera of each image as its group';
  return [
    `${percent(share)} of the images have their background in common with others, as those of fixed cameras have: ${seen}.${without} Such a background is easily learned in place of what stands before it, and what is promised holds for these places, not for new ones. Label images of every place, of all classes that it has${group}.`,
  ];
}
