// A canvas that is drawn when what it shows changes, and when it has got another size.
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

/** A size that still changes is not drawn: until then the picture is stretched. */
const REST_MS = 120;

/** Draws by a function that is a new one when there is something new to draw. */
export function usePicture(
  draw: (canvas: HTMLCanvasElement) => void,
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    let resting: ReturnType<typeof setTimeout> | undefined;
    let isDrawn = false;
    const observer = new ResizeObserver(() => {
      clearTimeout(resting);
      if (isDrawn) resting = setTimeout(() => draw(element), REST_MS);
      else draw(element);
      isDrawn = true;
    });
    observer.observe(element);
    return () => {
      clearTimeout(resting);
      observer.disconnect();
    };
  }, [draw]);
  return canvas;
}
