// The keys of the timeline.
import { useNavigate } from '@tanstack/react-router';
import type { Row } from '../../model/rows.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useShortcuts } from '../../state/shortcuts.ts';
import type { useUrl } from '../../state/url.ts';
import type { PARAMS } from './params.ts';

interface Given {
  trace: Trace;
  rows: readonly Row[];
  selected: Work | undefined;
  select: (work: Work | undefined) => void;
  toggle: (id: string) => void;
  change: ReturnType<typeof useUrl<typeof PARAMS>>['change'];
  only: (typeof PARAMS)['only']['fallback'];
  zoom: readonly [number, number] | null;
}

/** How much of the view is left by one step of zoom, and passed by one step aside. */
const STEP = { zoom: 0.6, pan: 0.25 } as const;

export function useTraceKeys(given: Given): void {
  const { trace, rows, selected, select, toggle, change, only } = given;
  const navigate = useNavigate();
  const at = rows.findIndex((row) => row.work === selected);
  const find = (by: 1 | -1, isWanted: (row: Row) => boolean): Row | undefined => {
    for (let index = at + by; index >= 0 && index < rows.length; index += by) {
      const row = rows[index];
      if (row && isWanted(row)) return row;
    }
    return undefined;
  };
  const next = (by: 1 | -1, isWanted: (row: Row) => boolean = () => true) => {
    const row = find(by, isWanted);
    if (row) select(row.work);
  };
  // Where failures began, before those who only passed them on.
  const bad = (by: 1 | -1) => {
    const row =
      find(by, (one) => one.blame === 'origin') ?? find(by, (one) => one.blame !== 'none');
    if (row) select(row.work);
  };
  const row = rows[at];
  useShortcuts({
    KeyJ: () => next(1),
    KeyK: () => next(-1),
    ArrowDown: () => next(1),
    ArrowUp: () => next(-1),
    KeyH: () => (row?.isOpen ? toggle(row.key) : row?.work.parent && select(row.work.parent)),
    KeyL: () => row?.hasChildren && (row.isOpen ? next(1) : toggle(row.key)),
    KeyX: () => bad(1),
    'Shift+KeyX': () => bad(-1),
    KeyN: () => next(1, (one) => one.isMatch),
    'Shift+KeyN': () => next(-1, (one) => one.isMatch),
    KeyP: () => change({ only: only === 'critical' ? '' : 'critical' }),
    KeyR: () => change({ view: 'raw' }, 'push'),
    KeyM: () => void navigate({ to: '/traces/compare' as never, search: { a: trace.id } as never }),
    Enter: () => document.getElementById('details')?.focus(),
    Escape: () => select(undefined),
  });
  useZoomKeys(given);
}

function useZoomKeys({ trace, selected, change, zoom }: Given): void {
  const to = (from: number, length: number) => {
    const round = (ms: number) => Math.round(ms * 1e3) / 1e3;
    const whole = Math.min(length, trace.length);
    const start = Math.min(Math.max(0, from), trace.length - whole);
    const isAll = whole >= trace.length;
    change({ z: isAll || whole <= 0 ? null : [round(start), round(start + whole)] });
  };
  const [from, end] = zoom ?? [0, trace.length];
  const length = end - from;
  const scale = (by: number) => {
    const isSeen = selected && selected.start < end && selected.start + selected.length > from;
    const middle = isSeen ? selected.start + selected.length / 2 : from + length / 2;
    to(middle - (length * by) / 2, length * by);
  };
  useShortcuts({
    KeyW: () => scale(STEP.zoom),
    KeyS: () => scale(1 / STEP.zoom),
    KeyA: () => to(from - length * STEP.pan, length),
    KeyD: () => to(from + length * STEP.pan, length),
    KeyZ: () =>
      selected &&
      selected.length > 0 &&
      change({ z: [selected.start, selected.start + selected.length] }, 'push'),
    'Shift+KeyZ': () => change({ z: null }, 'push'),
  });
}
