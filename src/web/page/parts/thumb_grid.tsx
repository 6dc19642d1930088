import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Thumb } from './thumb.tsx';

/** Rows that are kept ready above and below what is seen. */
const spareRows = 2;
const gap = 6;

/** Which part of a long list is seen. */
interface Window {
  readonly columns: number;
  readonly first: number;
  readonly rows: number;
}

/**
 * A grid of images of which only the rows in sight exist. What scrolls out of sight is used again for what comes in: to make
 * canvases takes longer than to draw on them.
 */
export function ThumbGrid({
  images,
  label,
  size,
  captionHeight = 0,
  children,
}: {
  readonly images: readonly number[];
  /** What the list is, for those who hear it. */
  readonly label: string;
  /** Side of a square on the screen, in pixels. */
  readonly size: number;
  /** Height of what stands below each square. */
  readonly captionHeight?: number;
  /** What an item holds; the image alone by default. */
  readonly children?: (image: number) => ComponentChildren;
}) {
  const scroller = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState<Window>({ columns: 1, first: 0, rows: 1 });
  const rowHeight = size + captionHeight + gap;
  useEffect(() => {
    const element = scroller.current!;
    let frame = 0;
    const look = () => {
      frame = 0;
      const columns = Math.max(1, Math.floor((element.clientWidth + gap) / (size + gap)));
      const first = Math.max(0, Math.floor(element.scrollTop / rowHeight) - spareRows);
      const rows = Math.ceil(element.clientHeight / rowHeight) + 1 + 2 * spareRows;
      setSeen((old) =>
        old.columns === columns && old.first === first && old.rows === rows ? old : { columns, first, rows },
      );
    };
    const later = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    const observer = new ResizeObserver(later);
    observer.observe(element);
    element.addEventListener('scroll', later, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.removeEventListener('scroll', later);
    };
  }, [size, rowHeight]);
  const { columns, first, rows } = seen;
  const start = first * columns;
  const shown = images.slice(start, start + rows * columns);
  const height = Math.ceil(images.length / columns) * rowHeight;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroller" ref={scroller} tabIndex={0} aria-label={label}>
      <ul
        class="grid"
        style={{
          height: `${height}px`,
          paddingTop: `${first * rowHeight}px`,
          gridTemplateColumns: `repeat(${columns}, ${size}px)`,
          gridAutoRows: `${rowHeight - gap}px`,
          gap: `${gap}px`,
        }}
      >
        {shown.map((image, at) => (
          <li
            key={(start + at) % (rows * columns)}
            aria-setsize={images.length}
            aria-posinset={start + at + 1}
          >
            {children ? children(image) : <Thumb image={image} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
