// Where the nodes of a service graph stand: columns from callers to callees, on a sparse backbone.
//
// Pure and deterministic. Nodes that have a place keep it (`anchored`): a refresh moves nothing.
import type { CssPixels } from '../lib/units.ts';
import type { Edge, Graph } from './graph.ts';

export const CARD = { width: 176, height: 56 } as const;
const GAP = { x: 104, y: 26 } as const;
/** Edges beyond the strongest of each node, in relation to the number of nodes. */
const BACKBONE_FACTOR = 1.5;
const SWEEPS = 8;

export interface Point {
  x: CssPixels;
  y: CssPixels;
}
/** The upper left corner of each card, by key. */
export type Places = ReadonlyMap<string, Point>;

/** Returns the edges that decide where nodes stand: the strongest in and out of each node, those
 * with faults, and the busiest of the rest. */
export function backbone(graph: Graph): Edge[] {
  const busiest = [...graph.edges].sort(
    (a, b) => b.stats.total - a.stats.total || (a.key < b.key ? -1 : 1),
  );
  const chosen = new Set<Edge>();
  const hasIn = new Set<string>();
  const hasOut = new Set<string>();
  for (const edge of busiest) {
    if (edge.stats.fault > 0 || !hasIn.has(edge.to) || !hasOut.has(edge.from)) chosen.add(edge);
    hasIn.add(edge.to);
    hasOut.add(edge.from);
  }
  const most = Math.ceil(graph.nodes.length * BACKBONE_FACTOR);
  for (const edge of busiest) {
    if (chosen.size >= most) break;
    chosen.add(edge);
  }
  return busiest.filter((edge) => chosen.has(edge));
}

/** Returns a place for every node. */
export function layout(graph: Graph): Places {
  const edges = backbone(graph);
  const columns = columnsOf(graph, edges);
  order(columns, edges);
  return align(columns, edges);
}

/** Returns the columns: each node as far left as its callers allow; edges that close a circle do not count. */
function columnsOf(graph: Graph, edges: readonly Edge[]): string[][] {
  const nodes = [...graph.nodes].sort(
    (a, b) => Number(b.isClient) - Number(a.isClient) || (a.key < b.key ? -1 : 1),
  );
  const forward = withoutCircles(
    nodes.map((node) => node.key),
    edges,
  );
  const column = new Map(nodes.map((node) => [node.key, 0]));
  // No path is longer than the number of nodes; most graphs are done after a few rounds.
  for (let round = 0; round < nodes.length; round += 1) {
    let moved = false;
    for (const { from, to } of forward) {
      const least = (column.get(from) ?? 0) + 1;
      if ((column.get(to) ?? 0) < least) {
        column.set(to, least);
        moved = true;
      }
    }
    if (!moved) break;
  }
  const columns: string[][] = [];
  for (const { key } of nodes) (columns[column.get(key) ?? 0] ??= []).push(key);
  return columns;
}

function withoutCircles(keys: readonly string[], edges: readonly Edge[]): Edge[] {
  const outgoing = new Map<string, Edge[]>();
  const called = new Set<string>();
  for (const edge of edges) {
    if (edge.from === edge.to) continue;
    outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
    called.add(edge.to);
  }
  const state = new Map<string, 'open' | 'done'>();
  const kept: Edge[] = [];
  // From those that nobody calls, so that a circle is entered where requests enter it.
  const starts = [...keys.filter((key) => !called.has(key)), ...keys];
  for (const start of starts) {
    const stack = [{ key: start, next: 0 }];
    if (state.has(start)) continue;
    state.set(start, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const edge = outgoing.get(top.key)?.[top.next];
      top.next += 1;
      if (!edge) {
        state.set(top.key, 'done');
        stack.pop();
      } else if (state.get(edge.to) !== 'open') {
        kept.push(edge);
        if (!state.has(edge.to)) {
          state.set(edge.to, 'open');
          stack.push({ key: edge.to, next: 0 });
        }
      }
    }
  }
  return kept;
}

function neighboursOf(edges: readonly Edge[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { from, to } of edges) {
    found.set(from, [...(found.get(from) ?? []), to]);
    found.set(to, [...(found.get(to) ?? []), from]);
  }
  return found;
}

/** Sorts each column by the mean place of its neighbours, back and forth, so that fewer edges cross. */
function order(columns: string[][], edges: readonly Edge[]): void {
  const neighbours = neighboursOf(edges);
  const rank = new Map<string, number>();
  const note = (column: readonly string[]) => {
    for (const [index, key] of column.entries()) rank.set(key, (index + 0.5) / column.length);
  };
  columns.forEach(note);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const way = sweep % 2 === 0 ? columns : [...columns].reverse();
    for (const column of way) {
      const mean = new Map(
        column.map((key) => [key, meanOf(neighbours.get(key), rank) ?? rank.get(key) ?? 0]),
      );
      column.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0));
      note(column);
    }
  }
}

function meanOf(
  keys: readonly string[] | undefined,
  values: ReadonlyMap<string, number>,
): number | undefined {
  const known = (keys ?? []).map((key) => values.get(key)).filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Gives heights: as near to the neighbours on the left as the order allows. */
function align(columns: readonly string[][], edges: readonly Edge[]): Places {
  const step = CARD.height + GAP.y;
  const y = new Map<string, number>();
  const tallest = Math.max(0, ...columns.map((column) => column.length));
  const callers = new Map<string, string[]>();
  for (const { from, to } of edges) callers.set(to, [...(callers.get(to) ?? []), from]);
  for (const column of columns) {
    const centred = ((tallest - column.length) * step) / 2;
    const wanted = column.map(
      (key, index) => meanOf(callers.get(key), y) ?? centred + index * step,
    );
    const settled = spread(wanted, step);
    column.forEach((key, index) => y.set(key, settled[index] ?? 0));
  }
  const top = Math.min(0, ...y.values());
  const places = new Map<string, Point>();
  columns.forEach((column, index) => {
    for (const key of column) {
      places.set(key, { x: index * (CARD.width + GAP.x), y: Math.round((y.get(key) ?? 0) - top) });
    }
  });
  return places;
}

/** Moves values apart until each is `step` below the one before, as little as possible in the mean. */
function spread(wanted: readonly number[], step: number): number[] {
  const blocks: { sum: number; count: number }[] = [];
  const topOf = (block: { sum: number; count: number }) => block.sum / block.count;
  for (const value of wanted) {
    let block = { sum: value, count: 1 };
    for (
      let above = blocks.at(-1);
      above && topOf(above) + above.count * step > topOf(block);
      above = blocks.at(-1)
    ) {
      // Members want their own value less their place in the block.
      block = {
        sum: above.sum + block.sum - block.count * above.count * step,
        count: above.count + block.count,
      };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) =>
    Array.from({ length: block.count }, (_, index) => topOf(block) + index * step),
  );
}

/** Returns places for a changed graph: who had one keeps it, who is new stands beside its callers. */
export function anchored(graph: Graph, before: Places): Places {
  const kept = new Map([...before].filter(([key]) => graph.nodes.some((node) => node.key === key)));
  if (kept.size === 0) return layout(graph);
  const fresh = layout(graph);
  for (const node of graph.nodes) {
    if (kept.has(node.key)) continue;
    const callers = graph.edges
      .filter((edge) => edge.to === node.key)
      .map((edge) => kept.get(edge.from));
    const callees = graph.edges
      .filter((edge) => edge.from === node.key)
      .map((edge) => kept.get(edge.to));
    kept.set(node.key, free(wish(callers, callees) ?? fresh.get(node.key) ?? { x: 0, y: 0 }, kept));
  }
  return kept;
}

function wish(callers: (Point | undefined)[], callees: (Point | undefined)[]): Point | undefined {
  const left = callers.filter((point) => point !== undefined);
  const right = callees.filter((point) => point !== undefined);
  const near = left.length > 0 ? left : right;
  if (near.length === 0) return undefined;
  const stride = CARD.width + GAP.x;
  const xs = near.map((point) => point.x);
  return {
    x: left.length > 0 ? Math.max(...xs) + stride : Math.min(...xs) - stride,
    y: Math.round(near.reduce((sum, point) => sum + point.y, 0) / near.length),
  };
}

/** Returns the free place of that column nearest to the one wished for. */
function free(wished: Point, taken: Places): Point {
  const step = CARD.height + GAP.y;
  const isFree = (y: number) =>
    [...taken.values()].every(
      (one) =>
        Math.abs(one.x - wished.x) >= CARD.width + 8 || Math.abs(one.y - y) >= CARD.height + 8,
    );
  for (let rows = 0; rows <= taken.size * 2; rows += 1) {
    for (const y of [wished.y + rows * step, wished.y - rows * step])
      if (isFree(y)) return { x: wished.x, y };
  }
  return { x: wished.x, y: wished.y + (taken.size + 1) * step * 2 };
}
