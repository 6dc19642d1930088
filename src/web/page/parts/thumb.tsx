import { useLayoutEffect, useRef } from 'preact/hooks';
import { session } from '../state/current.ts';
import { imageData, pixelsHere, pixelsOf } from '../state/pixel_store.ts';

/** A square that scrolls past faster than this is not fetched. */
const patience = 60;

/** An image's packed square. Without a name it is decoration: what stands beside it says what it is. */
export function Thumb({ image, name }: { readonly image: number; readonly name?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const side = session.value?.side ?? 1;
  const isBlank = useRef(true);
  useLayoutEffect(() => {
    // Pixels are only put on it, never drawn by the GPU: such a canvas is made and filled the fastest in main memory.
    const context = canvas.current!.getContext('2d', { willReadFrequently: true })!;
    const draw = (pixels: Uint8Array) => {
      context.putImageData(imageData(pixels, side), 0, 0);
      isBlank.current = false;
    };
    const here = pixelsHere(image);
    if (here) {
      draw(here);
      return undefined;
    }
    if (!isBlank.current) context.clearRect(0, 0, side, side);
    isBlank.current = true;
    let isShown = true;
    const fetch = () =>
      pixelsOf(image).then(
        (pixels) => isShown && draw(pixels),
        () => {},
      );
    const timer = setTimeout(fetch, patience);
    return () => {
      isShown = false;
      clearTimeout(timer);
    };
  }, [image, side]);
  const names = name === undefined ? { 'aria-hidden': true } : ({ role: 'img', 'aria-label': name } as const);
  return <canvas ref={canvas} class="thumb" width={side} height={side} {...names} />;
}
