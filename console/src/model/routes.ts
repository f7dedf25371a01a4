// The lines of calls: from the right side of the caller to the left side of the callee, around the
// cards between them.
import type { CssPixels } from '../lib/units.ts';
import type { Edge, Graph } from './graph.ts';
import { CARD, GAP, widthOf } from './layout.ts';
import type { Places, Point } from './layout.ts';

/** A chain of cubic curves: the first point, then two handles and an end for each curve. */
export interface Route {
  edge: Edge;
  line: readonly number[];
  /** What the line lies in. */
  left: CssPixels;
  top: CssPixels;
  right: CssPixels;
  bottom: CssPixels;
}

/** How near a line may pass a card. */
const CLEAR = 9;
/** How far lines to the same card end from each other. */
const PORT_STEP = 9;
const PORT_SPREAD = 18;
/** Length of the arrow's head: the line ends where it begins. */
export const HEAD = 8;

interface Column {
  left: CssPixels;
  right: CssPixels;
  /** Upper and lower ends of what is free, from top to bottom. */
  free: (readonly [CssPixels, CssPixels])[];
}

/** Returns the routes of all calls whose ends have places, by key. */
export function routesOf(graph: Graph, places: Places): Map<string, Route> {
  const columns = columnsOf(places);
  const widths = new Map(graph.nodes.map((node) => [node.key, widthOf(node)]));
  const ports = portsOf(graph, places);
  const routes = new Map<string, Route>();
  for (const edge of graph.edges) {
    const [a, b] = [places.get(edge.from), places.get(edge.to)];
    if (!a || !b) continue;
    const from = { x: a.x + (widths.get(edge.from) ?? CARD.width), y: a.y + CARD.height / 2 };
    const to = { x: b.x - HEAD, y: b.y + CARD.height / 2 + (ports.get(edge.key) ?? 0) };
    const line =
      edge.from === edge.to
        ? around(from, a)
        : to.x >= from.x + 8
          ? through(from, to, columns)
          : back(from, to, Math.max(a.y, b.y) + CARD.height);
    routes.set(edge.key, { edge, line, ...boundsOf(line) });
  }
  return routes;
}

/** Returns what is free between cards, for each column of them. */
function columnsOf(places: Places): Column[] {
  const groups: { left: number; right: number; tops: number[] }[] = [];
  for (const { x, y } of [...places.values()].sort((a, b) => a.x - b.x)) {
    const last = groups.at(-1);
    // Cards that overlap sideways are passed at one height.
    if (last && x < last.right) {
      last.right = Math.max(last.right, x + CARD.width);
      last.tops.push(y);
    } else groups.push({ left: x, right: x + CARD.width, tops: [y] });
  }
  return groups.map(({ left, right, tops }) => {
    const free: (readonly [number, number])[] = [];
    let from = -Infinity;
    for (const top of tops.sort((a, b) => a - b)) {
      if (top - CLEAR >= from) free.push([from, top - CLEAR]);
      from = Math.max(from, top + CARD.height + CLEAR);
    }
    return { left, right, free: [...free, [from, Infinity] as const] };
  });
}

/** Returns how far from the middle of its card each call ends, so that heads do not cover each other. */
function portsOf(graph: Graph, places: Places): Map<string, CssPixels> {
  const incoming = new Map<string, Edge[]>();
  for (const edge of graph.edges) {
    const own = incoming.get(edge.to);
    if (own) own.push(edge);
    else incoming.set(edge.to, [edge]);
  }
  const ports = new Map<string, CssPixels>();
  for (const edges of incoming.values()) {
    if (edges.length < 2) continue;
    const step = Math.min(PORT_STEP, (PORT_SPREAD * 2) / (edges.length - 1));
    const height = (edge: Edge) => places.get(edge.from)?.y ?? 0;
    edges.sort((a, b) => height(a) - height(b) || (a.key < b.key ? -1 : 1));
    for (const [index, edge] of edges.entries()) {
      ports.set(edge.key, (index - (edges.length - 1) / 2) * step);
    }
  }
  return ports;
}

/** A line to the right: straight on through each column, where that is free. */
function through(from: Point, to: Point, columns: readonly Column[]): number[] {
  const line = [from.x, from.y];
  let at = from;
  for (const column of columns) {
    if (column.right <= from.x || column.left >= to.x) continue;
    // A column that holds an end of the call is not passed.
    if (column.left < from.x || column.right > to.x) continue;
    const y = freeAt(column, at.y, to.y);
    const next = { x: column.left - 4, y };
    if (next.x > at.x) curve(line, at, next);
    at = { x: column.right + 4, y };
    line.push(next.x, y, at.x, y, at.x, y);
  }
  curve(line, at, to);
  return line;
}

/** Returns the height that is free and nearest to the way from one height to another. */
function freeAt({ free }: Column, from: CssPixels, to: CssPixels): CssPixels {
  let best = from;
  let least = Infinity;
  for (const [top, bottom] of free) {
    const y = Math.min(Math.max(from, top), bottom);
    const detour = Math.abs(y - from) + Math.abs(y - to) + Math.abs(y - from) / 1e3;
    if (detour < least) [least, best] = [detour, y];
  }
  return best;
}

function curve(line: number[], from: Point, to: Point): void {
  const bend = Math.max(18, (to.x - from.x) / 2);
  line.push(from.x + bend, from.y, to.x - bend, to.y, to.x, to.y);
}

/** A line to the left: out, below both cards, and in again. */
function back(from: Point, to: Point, bottom: CssPixels): number[] {
  const lane = bottom + GAP.y / 2;
  const out = 46;
  return [
    from.x, from.y,
    from.x + out, from.y, from.x + out, lane, from.x - 12, lane,
    from.x - 12, lane, to.x + 12, lane, to.x + 12, lane,
    to.x - out, lane, to.x - out, to.y, to.x, to.y,
  ]; // prettier-ignore
}

/** A line to where it came from: out on the right, in at the top. */
function around(from: Point, card: Point): number[] {
  const top = card.y - HEAD;
  const x = from.x - 30;
  return [from.x, from.y, from.x + 40, from.y, from.x + 34, top - 30, x, top - 26, x - 14, top - 24, x - 20, top - 14, x - 20, top]; // prettier-ignore
}

function boundsOf(line: readonly number[]) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < line.length; i += 2) {
    const [x = 0, y = 0] = [line[i], line[i + 1]];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return { left, top, right: right + HEAD, bottom };
}

/** Returns the point of a route's curve `index` at `t` from 0 to 1. */
export function pointOn({ line }: Route, index: number, t: number): Point {
  const at = index * 6;
  const s = 1 - t;
  const mix = (axis: 0 | 1) =>
    s * s * s * (line[at + axis] ?? 0) +
    3 * s * s * t * (line[at + 2 + axis] ?? 0) +
    3 * s * t * t * (line[at + 4 + axis] ?? 0) +
    t * t * t * (line[at + 6 + axis] ?? 0);
  return { x: mix(0), y: mix(1) };
}

/** Returns how many curves a route has. */
export function curvesOf(route: Route): number {
  return (route.line.length - 2) / 6;
}

/** Returns the call whose line passes nearest to a point, within reach. */
export function routeAt(
  routes: Iterable<Route>,
  point: Point,
  within: CssPixels,
): Route | undefined {
  let nearest: Route | undefined;
  let least = within;
  for (const route of routes) {
    if (point.x < route.left - within || point.x > route.right + within) continue;
    if (point.y < route.top - within || point.y > route.bottom + within) continue;
    for (let index = 0; index < curvesOf(route); index += 1) {
      for (let t = 0; t <= 1; t += 1 / 24) {
        const on = pointOn(route, index, t);
        const distance = Math.hypot(on.x - point.x, on.y - point.y);
        if (distance < least) [least, nearest] = [distance, route];
      }
    }
  }
  return nearest;
}
