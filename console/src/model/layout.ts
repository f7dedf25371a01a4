// Where services stand on the map: columns from callers to callees, on a sparse backbone.
//
// Pure and deterministic. Nodes that have a place keep it (`anchored`): a refresh moves nothing.
import type { CssPixels } from '../lib/units.ts';
import type { Edge, Graph, Node } from './graph.ts';
import { layered, mean } from './layers.ts';
import type { Layered } from './layers.ts';

export const CARD = { width: 176, height: 56 } as const;
/** Clients have less to say. */
export const CLIENT_WIDTH = 140;
export const GAP = { x: 84, y: 24 } as const;
/** Room that a call takes in a column that it passes; less where there are many. */
const BEND = { max: 20, min: 3, sum: 1600 } as const;
/** Room between parts of the graph that nothing joins. */
const PART_GAP = 56;
/** How many services that stand alone share a row. */
const ALONE_PER_ROW = 6;
/** Edges beyond the strongest of each node, in relation to the number of nodes. */
const BACKBONE_FACTOR = 1.5;
const SETTLINGS = 10;

export interface Point {
  x: CssPixels;
  y: CssPixels;
}
/** The upper left corner of each card, by key. */
export type Places = ReadonlyMap<string, Point>;

export function widthOf(node: Pick<Node, 'isClient'>): CssPixels {
  return node.isClient ? CLIENT_WIDTH : CARD.width;
}

/** Returns the edges that decide where nodes stand: the strongest in and out of each node, those
 * with faults, and the busiest of the rest. */
export function backbone(graph: Graph): Edge[] {
  const busiest = [...graph.edges].sort(
    (a, b) => b.stats.total - a.stats.total || (a.key < b.key ? -1 : 1),
  );
  const chosen = new Set<Edge>();
  const hasIn = new Set<string>();
  const hasOut = new Set<string>();
  const most = Math.ceil(graph.nodes.length * BACKBONE_FACTOR);
  for (const edge of busiest) {
    if (!hasIn.has(edge.to) || !hasOut.has(edge.from)) chosen.add(edge);
    hasIn.add(edge.to);
    hasOut.add(edge.from);
  }
  for (const edge of busiest.filter((one) => one.stats.fault > 0)) {
    if (chosen.size >= most) break;
    chosen.add(edge);
  }
  for (const edge of busiest) {
    if (chosen.size >= most) break;
    chosen.add(edge);
  }
  return busiest.filter((edge) => chosen.has(edge));
}

/** Returns a place for every node. */
export function layout(graph: Graph): Places {
  const edges = backbone(graph);
  const places = new Map<string, Point>();
  let top = 0;
  const alone: Node[] = [];
  for (const nodes of partsOf(graph)) {
    if (nodes.length === 1 && nodes[0]) {
      alone.push(nodes[0]);
      continue;
    }
    const keys = new Set(nodes.map((node) => node.key));
    const own = edges.filter((edge) => keys.has(edge.from));
    let bottom = top;
    for (const [key, at] of part(nodes, own)) {
      places.set(key, { x: at.x, y: at.y + top });
      bottom = Math.max(bottom, at.y + top + CARD.height);
    }
    top = bottom + PART_GAP;
  }
  for (const [index, node] of alone.entries()) {
    const row = Math.floor(index / ALONE_PER_ROW);
    const x = (index % ALONE_PER_ROW) * (CARD.width + GAP.x) + CARD.width - widthOf(node);
    places.set(node.key, { x, y: top + row * (CARD.height + GAP.y) });
  }
  return places;
}

/** Returns the parts that nothing joins, the largest first; within one, clients first, then by name. */
function partsOf(graph: Graph): Node[][] {
  const leader = new Map(graph.nodes.map((node) => [node.key, node.key]));
  const find = (key: string): string => {
    let at = key;
    for (let up = leader.get(at) ?? at; up !== at; up = leader.get(at) ?? at) {
      leader.set(at, leader.get(up) ?? up);
      at = up;
    }
    return at;
  };
  for (const edge of graph.edges) leader.set(find(edge.from), find(edge.to));
  const parts = new Map<string, Node[]>();
  const nodes = [...graph.nodes].sort(
    (a, b) => Number(b.isClient) - Number(a.isClient) || (a.key < b.key ? -1 : 1),
  );
  for (const node of nodes) {
    const at = find(node.key);
    const own = parts.get(at);
    if (own) own.push(node);
    else parts.set(at, [node]);
  }
  return [...parts.values()].sort((a, b) => b.length - a.length);
}

/** Lays out nodes that calls join. */
function part(nodes: readonly Node[], edges: readonly Edge[]): Map<string, Point> {
  const index = new Map(nodes.map((node, at) => [node.key, at]));
  const links = edges.flatMap(({ from, to, stats }) => {
    const [a, b] = [index.get(from), index.get(to)];
    return a === undefined || b === undefined ? [] : [{ from: a, to: b, weight: stats.total }];
  });
  const graph = layered(nodes.length, links);
  const y = settle(graph);
  const places = new Map<string, Point>();
  for (const [column, ids] of graph.columns.entries()) {
    for (const id of ids) {
      const node = nodes[id];
      // What is narrower ends where the column ends, so that calls to the next column are short.
      if (node)
        places.set(node.key, {
          x: column * (CARD.width + GAP.x) + CARD.width - widthOf(node),
          y: Math.round(y[id] ?? 0),
        });
    }
  }
  return places;
}

/** Gives heights: as near to the neighbours as the order allows. Returns the upper ends. */
function settle({ columns, before, after, count }: Layered): Float64Array {
  const bend = Math.min(BEND.max, Math.max(BEND.min, BEND.sum / count));
  const size = (id: number) => (id < count ? CARD.height + GAP.y : bend);
  const middle = new Float64Array(before.length);
  for (const column of columns) {
    let at = 0;
    for (const id of column) {
      middle[id] = at + size(id) / 2;
      at += size(id);
    }
  }
  for (let round = 0; round < SETTLINGS; round += 1) {
    const isLast = round >= SETTLINGS - 2;
    const isForward = round % 2 === 0;
    for (const column of isForward ? columns : [...columns].reverse()) {
      const wanted = column.map((id) => {
        const [callers, callees] = [before[id] ?? [], after[id] ?? []];
        const near = isForward ? callers : callees;
        const wish = isLast ? mean([...callers, ...callees], middle) : mean(near, middle);
        return wish ?? middle[id] ?? 0;
      });
      const settled = spread(wanted, column.map(size));
      for (const [row, id] of column.entries()) middle[id] = settled[row] ?? 0;
    }
  }
  const tops = middle.map((at) => at - CARD.height / 2);
  const least = Math.min(...tops.subarray(0, count));
  return tops.map((top) => top - least);
}

/** Moves middles apart until things of these sizes do not overlap, as little as possible in the mean. */
export function spread(wanted: readonly number[], sizes: readonly number[]): number[] {
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, size] of sizes.entries()) {
    offset += index === 0 ? 0 : ((sizes[index - 1] ?? 0) + size) / 2;
    offsets.push(offset);
  }
  // Without their offsets the middles must not fall: neighbours that would, share one mean.
  const blocks: { sum: number; count: number }[] = [];
  for (const [index, value] of wanted.entries()) {
    let block = { sum: value - (offsets[index] ?? 0), count: 1 };
    for (
      let above = blocks.at(-1);
      above && above.sum / above.count > block.sum / block.count;
      above = blocks.at(-1)
    ) {
      block = { sum: above.sum + block.sum, count: above.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  const free = blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
  return free.map((value, index) => value + (offsets[index] ?? 0));
}

/** Returns places for a changed graph: who had one keeps it, who is new stands beside its callers.
 * Places of nodes that are not in the graph are kept free for them when they are `reserved`. */
export function anchored(graph: Graph, before: Places, reserved: Places = before): Places {
  const places = new Map<string, Point>();
  for (const node of graph.nodes) {
    const at = before.get(node.key);
    if (at) places.set(node.key, at);
  }
  if (places.size === 0) return layout(graph);
  if (places.size === graph.nodes.length) return places;
  const taken = new Taken([...reserved.values(), ...places.values()]);
  const fresh = layout(graph);
  for (const node of graph.nodes) {
    if (places.has(node.key)) continue;
    const wished = wish(graph, node, places) ?? fresh.get(node.key) ?? { x: 0, y: 0 };
    const at = taken.free(wished);
    places.set(node.key, at);
    taken.add(at);
  }
  return places;
}

/** Returns the place right of the callers, or left of the callees. */
function wish(graph: Graph, node: Node, places: Places): Point | undefined {
  const own = graph.edges.filter((edge) => edge.from !== edge.to);
  const placed = (keys: readonly string[]) =>
    keys.map((key) => places.get(key)).filter((point) => point !== undefined);
  const left = placed(own.filter((edge) => edge.to === node.key).map((edge) => edge.from));
  const right = placed(own.filter((edge) => edge.from === node.key).map((edge) => edge.to));
  const around = left.length > 0 ? left : right;
  if (around.length === 0) return undefined;
  const stride = CARD.width + GAP.x;
  const columns = around.map((point) => Math.floor((point.x + 1) / stride) * stride);
  const column = left.length > 0 ? Math.max(...columns) + stride : Math.min(...columns) - stride;
  return {
    x: column + CARD.width - widthOf(node),
    y: Math.round(around.reduce((all, point) => all + point.y, 0) / around.length),
  };
}

/** Places that are taken, by column, so that a free one is found without looking at all. */
class Taken {
  private readonly columns = new Map<number, number[]>();

  constructor(points: readonly Point[]) {
    for (const point of points) this.add(point);
  }

  add({ x, y }: Point): void {
    const column = Math.floor(x / CARD.width);
    const own = this.columns.get(column);
    if (own) own.push(y);
    else this.columns.set(column, [y]);
  }

  /** Returns the free place nearest to the one wished for, above or below. */
  free(wished: Point): Point {
    const column = Math.floor(wished.x / CARD.width);
    const near = [column - 1, column, column + 1].flatMap((one) => this.columns.get(one) ?? []);
    const room = CARD.height + 8;
    const isFree = (y: number) => near.every((other) => Math.abs(other - y) >= room);
    const ends = near.flatMap((y) => [y - CARD.height - GAP.y, y + CARD.height + GAP.y]);
    const y = [wished.y, ...ends]
      .filter(isFree)
      .sort((a, b) => Math.abs(a - wished.y) - Math.abs(b - wished.y))[0];
    return { x: wished.x, y: y ?? wished.y };
  }
}
