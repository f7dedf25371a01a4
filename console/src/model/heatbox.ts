// A box over a heatmap: as shares of its sides while it is drawn, as whole cells once it is taken.
import type { Window } from '../lib/range.ts';
import type { EpochMs, Milliseconds, Seconds, UnitShare } from '../lib/units.ts';
import type { Heatmap } from './analytics.ts';
import { barAt } from './chart.ts';

/** Two corners; `y` grows downwards. */
export interface Box {
  x0: UnitShare;
  y0: UnitShare;
  x1: UnitShare;
  y1: UnitShare;
}

/** What whole cells stand for. */
export interface Cells {
  from: EpochMs;
  to: EpochMs;
  low: Milliseconds;
  high: Milliseconds;
}

/** A cell; rows are counted from the bottom, where what is fast stands. */
export interface Cell {
  column: number;
  row: number;
}

/** Cells chosen by keys: from where it began to where the keys are. */
export interface Choice {
  from: Cell;
  at: Cell;
}

type Sides = Pick<Heatmap, 'times' | 'edges'>;

const countsOf = ({ times, edges }: Sides) => [times.length - 1, edges.length - 1] as const;

const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
  PageUp: [0, Infinity],
  PageDown: [0, -Infinity],
};

/** Returns the choice after a key, `undefined` when it is none that moves; the first of them comes in
 * at the newest and fastest. */
export function moved(
  heatmap: Sides,
  choice: Choice | undefined,
  key: string,
  isExtending: boolean,
): Choice | undefined {
  const step = STEPS[key];
  const [columns, rows] = countsOf(heatmap);
  if (!step || columns < 1 || rows < 1) return undefined;
  const inside = (index: number, count: number) => Math.min(count - 1, Math.max(0, index));
  const before = choice?.at ?? { column: columns - (step[0] < 0 ? 0 : 1), row: 0 };
  const at = {
    column: inside(before.column + step[0], columns),
    row: inside(before.row + step[1], rows),
  };
  return { from: isExtending && choice ? choice.from : at, at };
}

/** Returns what the chosen cells stand for. */
export function cellsOf(heatmap: Sides, { from, at }: Choice): Cells {
  const { times, edges } = heatmap;
  const [left, right] = [Math.min(from.column, at.column), Math.max(from.column, at.column)];
  const [low, high] = [Math.min(from.row, at.row), Math.max(from.row, at.row)];
  return {
    from: times[left] ?? 0,
    to: times[right + 1] ?? 0,
    low: edges[low] ?? 0,
    high: edges[high + 1] ?? 0,
  };
}

/** Returns the cell at a place. */
export function cellAt(heatmap: Sides, x: UnitShare, y: UnitShare): Cell {
  const [columns, rows] = countsOf(heatmap);
  const index = (share: number, count: number) => Math.min(count - 1, Math.floor(share * count));
  // Up is slower.
  return { column: index(x, columns), row: index(1 - y, rows) };
}

/** Returns the cells that a box touches. */
export function touched(heatmap: Sides, { x0, y0, x1, y1 }: Box): Choice {
  return { from: cellAt(heatmap, x0, y0), at: cellAt(heatmap, x1, y1) };
}

/** Returns where chosen cells stand. */
export function boxAround(heatmap: Sides, { from, at }: Choice): Box {
  const [columns, rows] = countsOf(heatmap);
  return {
    x0: Math.min(from.column, at.column) / columns,
    x1: (Math.max(from.column, at.column) + 1) / columns,
    y0: 1 - (Math.max(from.row, at.row) + 1) / rows,
    y1: 1 - Math.min(from.row, at.row) / rows,
  };
}

/** Returns where the times of a set stand, if both are chosen. */
export function boxOf(
  { times, edges }: Sides,
  span: readonly [Seconds, Seconds] | null,
  window: Window | null,
): Box | undefined {
  const [columns, rows] = [times.length - 1, edges.length - 1];
  if (!span || !window || columns < 1) return undefined;
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 1];
  const x = (at: EpochMs) => (at - first) / (last - first);
  const y = (ms: Milliseconds) => 1 - barAt([...edges, Infinity], ms * (1 + 1e-9)) / rows;
  return { x0: x(window.from), x1: x(window.to), y0: y(span[1] * 1e3), y1: y(span[0] * 1e3) };
}
