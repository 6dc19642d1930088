import { useEffect, useRef, useState } from 'preact/hooks';

/** The width of an element on the page, in pixels, as it changes. */
export function useWidth<E extends Element>(usual: number) {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(usual);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(120, Math.round(entry!.contentRect.width))),
    );
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return { element, width };
}
