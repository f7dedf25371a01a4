// The calls between services on a canvas, and the services themselves when they are too small for
// text. Which part is seen is a `Camera`: a point of the drawing is at `x * scale + camera.x`.
import type { CssPixels } from '../lib/units.ts';
import { SHARE_MIN, markOf, shareOf } from '../model/graph.ts';
import type { Edge, Graph } from '../model/graph.ts';
import { CARD } from '../model/layout.ts';
import type { Places, Point } from '../model/layout.ts';
import type { Outcome } from '../model/status.ts';
import { coloursOf } from './minimap.ts';

export interface Camera {
  x: CssPixels;
  y: CssPixels;
  scale: number;
}

/** Below this scale services are blocks on the canvas, above it cards in the document. */
export const CARD_SCALE_MIN = 0.45;
const SCALE = { min: 0.05, max: 2 } as const;

/** Returns the camera that shows all of it, no larger than life. */
export function fit(places: Places, width: CssPixels, height: CssPixels): Camera {
  const points = [...places.values()];
  if (points.length === 0) return { x: 0, y: 0, scale: 1 };
  const left = Math.min(...points.map((point) => point.x));
  const top = Math.min(...points.map((point) => point.y));
  const right = Math.max(...points.map((point) => point.x)) + CARD.width;
  const bottom = Math.max(...points.map((point) => point.y)) + CARD.height;
  const margin = 40;
  const room = Math.min(
    (width - margin * 2) / (right - left),
    (height - margin * 2) / (bottom - top),
  );
  const scale = Math.max(SCALE.min, Math.min(1, room));
  return {
    x: (width - (right + left) * scale) / 2,
    y: (height - (bottom + top) * scale) / 2,
    scale,
  };
}

/** Returns the camera nearer or farther by `factor`, with the point at `x`, `y` kept where it is. */
export function zoomed(camera: Camera, factor: number, x: CssPixels, y: CssPixels): Camera {
  const scale = Math.min(SCALE.max, Math.max(SCALE.min, camera.scale * factor));
  const by = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * by, y: y - (y - camera.y) * by };
}

/** Returns whether a card can be seen. */
export function isInView(at: Point, camera: Camera, width: CssPixels, height: CssPixels): boolean {
  const x = at.x * camera.scale + camera.x;
  const y = at.y * camera.scale + camera.y;
  const { scale } = camera;
  return x < width && y < height && x + CARD.width * scale > 0 && y + CARD.height * scale > 0;
}

export interface Scene {
  graph: Graph;
  places: Places;
  camera: Camera;
  /** Keys of the services that stand out; absent when all do. */
  lit?: ReadonlySet<string> | undefined;
  /** The key of the chosen edge. */
  chosen?: string | undefined;
}

/** The curve of a call: from the right side of the caller to the left side of the callee. */
export interface Curve {
  edge: Edge;
  from: Point;
  to: Point;
  /** How far the curve swings out. */
  bend: CssPixels;
}

export function curveOf(edge: Edge, places: Places): Curve | undefined {
  const [a, b] = [places.get(edge.from), places.get(edge.to)];
  if (!a || !b) return undefined;
  const from = { x: a.x + CARD.width, y: a.y + CARD.height / 2 };
  const to = { x: b.x, y: b.y + CARD.height / 2 };
  const bend = Math.max(40, Math.abs(to.x - from.x) / 2);
  return { edge, from, to, bend };
}

/** Returns the place in the middle of the curve. */
export function middleOf({ from, to }: Curve): Point {
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
}

interface Brush {
  context: CanvasRenderingContext2D;
  plain: string;
  text: string;
  surface: string;
  accent: string;
  status: Record<Outcome, string>;
}

function brushOf(canvas: HTMLCanvasElement): Brush | undefined {
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  const style = getComputedStyle(canvas);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const { status } = coloursOf(canvas);
  return {
    context,
    plain: value('--line2'),
    text: value('--tx'),
    surface: value('--surf'),
    accent: value('--accent'),
    status,
  };
}

/** Draws the scene; the canvas has the size that it is shown with. */
export function drawMap(canvas: HTMLCanvasElement, scene: Scene): void {
  const brush = brushOf(canvas);
  if (!brush) return;
  const { context } = brush;
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = window.devicePixelRatio || 1;
  if (canvas.width !== width * density || canvas.height !== height * density) {
    canvas.width = width * density;
    canvas.height = height * density;
  }
  const { camera } = scene;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.translate(camera.x, camera.y);
  context.scale(camera.scale, camera.scale);
  for (const edge of scene.graph.edges) drawEdge(brush, scene, edge);
  if (camera.scale < CARD_SCALE_MIN) drawBlocks(brush, scene);
}

function isFaulty(edge: Edge): boolean {
  return shareOf(edge.stats, 'fault') >= 0.01;
}

function drawEdge(brush: Brush, scene: Scene, edge: Edge): void {
  const curve = curveOf(edge, scene.places);
  if (!curve) return;
  const { context } = brush;
  const { from, to, bend } = curve;
  const isLit = !scene.lit || (scene.lit.has(edge.from) && scene.lit.has(edge.to));
  const isChosen = scene.chosen === edge.key;
  context.globalAlpha = isLit ? 1 : 0.15;
  context.lineWidth = Math.min(8, 1.25 + Math.log10(1 + edge.stats.total)) + (isChosen ? 1.5 : 0);
  context.strokeStyle = isChosen ? brush.accent : isFaulty(edge) ? brush.status.fault : brush.plain;
  context.setLineDash(isFaulty(edge) ? [8, 5] : []);
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(from.x + bend, from.y, to.x - bend, to.y, to.x - 8, to.y);
  context.stroke();
  context.setLineDash([]);
  // The head keeps its size however strong the line.
  context.fillStyle = context.strokeStyle;
  context.beginPath();
  context.moveTo(to.x, to.y);
  context.lineTo(to.x - 10, to.y - 5.5);
  context.lineTo(to.x - 10, to.y + 5.5);
  context.fill();
  context.globalAlpha = 1;
}

function drawBlocks(brush: Brush, { graph, places, lit }: Scene): void {
  const { context } = brush;
  for (const node of graph.nodes) {
    const at = places.get(node.key);
    if (!at) continue;
    const mark = markOf(node.stats);
    context.globalAlpha = !lit || lit.has(node.key) ? 1 : 0.15;
    context.fillStyle = brush.surface;
    context.strokeStyle = mark === 'ok' ? brush.plain : brush.status[mark];
    context.lineWidth = 3;
    context.beginPath();
    context.roundRect(at.x, at.y, CARD.width, CARD.height, 10);
    context.fill();
    context.stroke();
    context.fillStyle = brush.status[mark];
    context.fillRect(at.x + 8, at.y + 8, 10, CARD.height - 16);
    context.globalAlpha = 1;
  }
}

/** Returns the edge whose curve passes nearest to a point of the drawing, within reach. */
export function edgeAt(
  graph: Graph,
  places: Places,
  point: Point,
  within: CssPixels,
): Edge | undefined {
  let nearest: Edge | undefined;
  let least = within;
  for (const edge of graph.edges) {
    const curve = curveOf(edge, places);
    if (!curve) continue;
    for (let t = 0; t <= 1; t += 1 / 32) {
      const on = pointOf(curve, t);
      const distance = Math.hypot(on.x - point.x, on.y - point.y);
      if (distance < least) [least, nearest] = [distance, edge];
    }
  }
  return nearest;
}

function pointOf({ from, to, bend }: Curve, t: number): Point {
  const s = 1 - t;
  const mix = (a: number, b: number, c: number, d: number) =>
    s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
  return { x: mix(from.x, from.x + bend, to.x - bend, to.x), y: mix(from.y, from.y, to.y, to.y) };
}

/** Returns the chips on edges that fail: where, and the share. */
export function chipsOf(graph: Graph, places: Places) {
  return graph.edges.flatMap((edge) => {
    const curve = isFaulty(edge) ? curveOf(edge, places) : undefined;
    if (!curve) return [];
    const isStrong = shareOf(edge.stats, 'fault') >= SHARE_MIN.fault;
    return [{ key: edge.key, at: middleOf(curve), share: shareOf(edge.stats, 'fault'), isStrong }];
  });
}
