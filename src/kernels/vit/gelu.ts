import shader from '#shaders/vit/gelu.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

const width = 64;

function launch(entry: string, count: number): Launch {
  const quads = count % 4 === 0;
  const elements = quads ? count / 4 : count;
  return {
    shader,
    entry,
    constants: { Element: quads ? 'vec4f' : 'f32' },
    params: { count: elements },
    grid: linearGrid(Math.ceil(elements / width)),
  };
}

/** y = x·Φ(x) */
export const gelu = (count: number): Launch => launch('gelu', count);
/** dx = dy·(Φ(x) + x·φ(x)) */
export const geluGradient = (count: number): Launch => launch('gradient', count);
