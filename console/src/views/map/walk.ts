// Walking the map by keys: left and right along calls, up and down within what stands one above the other.
import type { RefObject } from 'react';
import type { Graph } from '../../model/graph.ts';
import { CARD } from '../../model/layout.ts';
import type { Places, Point } from '../../model/layout.ts';
import { useShortcuts } from '../../state/shortcuts.ts';

type Way = 'left' | 'right' | 'up' | 'down';

/** Returns the next card that way; from nowhere, the first of all. */
export function step(graph: Graph, places: Places, from: string, way: Way): string | undefined {
  const here = places.get(from);
  const known = graph.nodes.flatMap(({ key }) => {
    const at = places.get(key);
    return at ? [{ key, at }] : [];
  });
  if (!here) return known.sort((a, b) => a.at.x - b.at.x || a.at.y - b.at.y)[0]?.key;
  const near =
    way === 'left' || way === 'right' ? joined(graph, from, way) : column(known, here, way);
  return known
    .filter(({ key }) => near.has(key) && key !== from)
    .sort((a, b) => Math.abs(a.at.y - here.y) - Math.abs(b.at.y - here.y))[0]?.key;
}

function joined(graph: Graph, from: string, way: 'left' | 'right'): Set<string> {
  return new Set(
    graph.edges.flatMap((edge) => {
      const [own, other] = way === 'left' ? [edge.to, edge.from] : [edge.from, edge.to];
      return own === from ? [other] : [];
    }),
  );
}

function column(
  known: readonly { key: string; at: Point }[],
  here: Point,
  way: 'up' | 'down',
): Set<string> {
  const own = known.filter(
    ({ at }) =>
      Math.abs(at.x - here.x) < CARD.width / 2 && (way === 'up' ? at.y < here.y : at.y > here.y),
  );
  return new Set(own.map(({ key }) => key));
}

const NUDGE = 24;

interface Options {
  graph: Graph;
  places: Places;
  selected: string;
  onSelect: (key: string) => void;
  onMove: ((key: string, at: Point) => void) | undefined;
  box: RefObject<HTMLDivElement | null>;
}

export function useWalk({ graph, places, selected, onSelect, onMove, box }: Options): void {
  const go = (way: Way) => {
    const key = step(graph, places, selected, way);
    if (key === undefined) return;
    onSelect(key);
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus(),
    );
  };
  const nudge = (x: number, y: number) => {
    const at = places.get(selected);
    if (at) onMove?.(selected, { x: at.x + x * NUDGE, y: at.y + y * NUDGE });
  };
  useShortcuts({
    ArrowLeft: () => go('left'),
    ArrowRight: () => go('right'),
    ArrowUp: () => go('up'),
    ArrowDown: () => go('down'),
    'Shift+ArrowLeft': () => nudge(-1, 0),
    'Shift+ArrowRight': () => nudge(1, 0),
    'Shift+ArrowUp': () => nudge(0, -1),
    'Shift+ArrowDown': () => nudge(0, 1),
  });
}
