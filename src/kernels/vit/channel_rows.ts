import { type Launch, linearGrid } from '../../gpu/launch.ts';
import type { Shader } from '../../gpu/shader.ts';

const width = 64;

/**
 * A kernel whose invocations each take four channels of a row, or one where their number is no multiple of four: its
 * `Element` is that type and `params.channels` counts those.
 */
export function overChannels(
  shader: Shader,
  entry: string,
  { rows, channels }: { readonly rows: number; readonly channels: number },
  params: Readonly<Record<string, number>>,
): Launch {
  const quads = channels % 4 === 0;
  const elements = quads ? channels / 4 : channels;
  return {
    shader,
    entry,
    constants: { Element: quads ? 'vec4f' : 'f32' },
    params: { ...params, channels: elements },
    grid: linearGrid(Math.ceil((rows * elements) / width)),
  };
}
