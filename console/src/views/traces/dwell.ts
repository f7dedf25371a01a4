// Over which row the pointer rests.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { PointerEvent } from 'react';
import type { CssPixels } from '../../lib/units.ts';

/** How long the pointer rests before it means something. */
const DWELL_MS = 200;

/** The trace under the pointer, and where its row is. */
export interface Dwelling {
  id: string;
  top: CssPixels;
  bottom: CssPixels;
  x: CssPixels;
}

/** Returns where the pointer rests, and what to call when it comes over rows and leaves them. */
export function useDwell() {
  const [at, setAt] = useState<Dwelling>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const row = useRef<Element | null>(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useMemo(() => {
    const leave = () => {
      clearTimeout(timer.current);
      row.current = null;
      setAt(undefined);
    };
    const over = (event: PointerEvent) => {
      const next = event.target instanceof Element ? event.target.closest('[data-id]') : null;
      if (event.pointerType === 'touch' || next === row.current) return;
      leave();
      row.current = next;
      const id = next?.getAttribute('data-id');
      if (!next || !id) return;
      const x = event.clientX;
      timer.current = setTimeout(() => {
        const { top, bottom } = next.getBoundingClientRect();
        setAt({ id, top, bottom, x });
      }, DWELL_MS);
    };
    return { at, over, leave };
  }, [at]);
}
