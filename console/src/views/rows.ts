// Which rows of a long list are in the document: those in view and some around, in blocks, so that
// React has nothing to do for most frames in which somebody scrolls.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';
import type { CssPixels } from '../lib/units.ts';

/** How many rows come and go together. */
export const BLOCK = 16;
/** As many blocks are there before anything is measured: enough for most screens. */
const FIRST = 3;

/** Blocks, the last one not included. */
export interface Blocks {
  from: number;
  to: number;
}

/** Returns the blocks for a part of the list; those that are there as long as they reach. */
export function blocksOf(
  before: Blocks,
  { top, height, block }: { top: CssPixels; height: CssPixels; block: CssPixels },
): Blocks {
  const isEnough = before.from * block <= Math.max(0, top) && before.to * block >= top + height;
  if (isEnough && (before.to - before.from) * block <= height + block * 3) return before;
  const half = block / 2;
  return {
    from: Math.max(0, Math.floor((top - half) / block)),
    to: Math.max(1, Math.ceil((top + height + half) / block)),
  };
}

interface Rows {
  scroll: RefObject<HTMLDivElement | null>;
  /** The blocks to show. */
  blocks: number[];
  /** Brings a row into view, by as little as needed. */
  reveal: (index: number) => void;
}

/** Follows a box that scrolls `count` rows of one height below `head`, which stays in view. */
export function useRows(count: number, row: CssPixels, head: CssPixels): Rows {
  const scroll = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<Blocks>({ from: 0, to: FIRST });
  const latest = useRef(shown);
  const height = useRef(0);
  const follow = useCallback(
    (isNow: boolean) => {
      const top = scroll.current?.scrollTop ?? 0;
      const next = blocksOf(latest.current, { top, height: height.current, block: BLOCK * row });
      if (next === latest.current) return;
      latest.current = next;
      // Later, there would be a frame with nothing in it.
      if (isNow) flushSync(() => setShown(next));
      else setShown(next);
    },
    [row],
  );
  useEffect(() => {
    const box = scroll.current;
    if (!box) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      height.current = entry?.contentRect.height ?? 0;
      follow(false);
    });
    observer.observe(box);
    const scrolled = () => follow(true);
    box.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', scrolled);
    };
  }, [follow]);
  // Of fewer rows the box scrolls up by itself.
  const before = useRef(count);
  useLayoutEffect(() => {
    if (before.current > count) follow(false);
    before.current = count;
  }, [count, follow]);
  const reveal = useCallback(
    (index: number) => {
      const box = scroll.current;
      if (!box) return;
      const [top, room] = [index * row, box.clientHeight - head];
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + row > box.scrollTop + room) box.scrollTop = top + row - room;
    },
    [row, head],
  );
  const last = Math.min(shown.to, Math.ceil(count / BLOCK));
  const from = Math.min(shown.from, Math.max(0, last - 1));
  const blocks = Array.from({ length: Math.max(0, last - from) }, (_, index) => from + index);
  return { scroll, blocks, reveal };
}
