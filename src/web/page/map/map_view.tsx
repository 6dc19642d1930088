import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Thumb } from '../parts/thumb.tsx';
import { facts, session } from '../state/current.ts';
import { studio } from '../state/studio_link.ts';
import { isDark } from '../theme.tsx';
import { mapGround } from './class_colours.ts';
import { MapState } from './map_state.ts';

const tipWidth = 200;

/** Where images lie: like ones close to each other. */
export function MapView({
  images,
  points,
  colours,
  label,
  describe,
  onPick,
}: {
  readonly images: Int32Array;
  /** x and y of each image, −1 … 1. */
  readonly points: Float32Array;
  /** Colour of each image of `images`. */
  readonly colours: Uint32Array;
  /** What the map shows, in words. */
  readonly label: string;
  /** What is said of an image under the pointer. */
  readonly describe: (image: number) => string;
  /** Told which image was clicked. */
  readonly onPick?: (image: number) => void;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const state = useRef<MapState | undefined>(undefined);
  const latest = useRef(images);
  latest.current = images;
  const [tip, setTip] = useState<{ image: number; left: number; top: number } | null>(null);
  const ground = mapGround(isDark());
  useEffect(() => {
    const own = new MapState(canvas.current!, facts.value?.software ?? true, async (chosen) => ({
      pixels: await studio.pixels(chosen.map((point) => latest.current[point]!)),
      side: session.value?.side ?? 1,
    }));
    state.current = own;
    return () => own.close();
  }, []);
  useEffect(() => state.current?.show(points, colours, ground), [points, colours, ground]);
  const imageAt = ({ offsetX, offsetY }: PointerEvent) =>
    images[state.current?.under(offsetX, offsetY) ?? -1];
  const move = (event: PointerEvent) => {
    const image = state.current?.drag(event) ? undefined : imageAt(event);
    if (image === undefined) return setTip(null);
    const left = Math.min(event.offsetX + 14, Math.max(0, canvas.current!.clientWidth - tipWidth));
    setTip({ image, left, top: event.offsetY + 14 });
  };
  const release = (event: PointerEvent) => {
    const image = imageAt(event);
    if (!state.current?.release() && image !== undefined) onPick?.(image);
  };
  const buttons = useMemo(
    () =>
      [
        ['Enlarge the map', '+', () => state.current?.zoom(1.6)],
        ['Shrink the map', '−', () => state.current?.zoom(1 / 1.6)],
        ['Show the whole map', '⤢', () => state.current?.reset()],
      ] as const,
    [],
  );
  return (
    <div class="map">
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        onPointerDown={(event) => state.current?.take(event)}
        onPointerMove={move}
        onPointerUp={release}
        onPointerLeave={() => setTip(null)}
      />
      {tip && (
        <div class="tip" style={{ left: `${tip.left}px`, top: `${tip.top}px` }}>
          <Thumb image={tip.image} />
          <p>
            <strong>{session.value?.paths[tip.image]}</strong>
            {describe(tip.image)}
          </p>
        </div>
      )}
      <div class="zoom">
        {buttons.map(([name, sign, act]) => (
          <button key={name} type="button" aria-label={name} onClick={act}>
            {sign}
          </button>
        ))}
      </div>
    </div>
  );
}
