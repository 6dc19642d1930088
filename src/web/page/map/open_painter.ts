import { platform } from '#platform';
import { PointMap } from '../../../gpu/point_map/point_map.ts';
import { CanvasPainter } from './canvas_painter.ts';
import { GpuPainter } from './gpu_painter.ts';
import type { Painter } from './painter.ts';

/**
 * The GPU draws where there is one. On the processor the canvas does: there the map would wait for the training, which
 * keeps WebGPU's queue busy.
 * @param onLost told when the GPU is gone and another painter is needed
 */
export async function openPainter(
  canvas: HTMLCanvasElement,
  software: boolean,
  onLost: () => void,
): Promise<Painter> {
  if (software) return new CanvasPainter(canvas);
  try {
    const map = await PointMap.create(platform.gpu);
    void map.lost.then((reason) => reason !== undefined && onLost());
    return new GpuPainter(canvas, map);
  } catch {
    // Only the worker has WebGPU.
    return new CanvasPainter(canvas);
  }
}
