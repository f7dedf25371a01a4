// The calls between services on a canvas, and the services themselves when they are too small for
// text that the document could show.
import type { CssPixels } from '../lib/units.ts';
import { shareOf } from '../model/graph.ts';
import type { Edge, Graph, Node } from '../model/graph.ts';
import { shortName } from '../model/kind.ts';
import { CARD, widthOf } from '../model/layout.ts';
import type { Places, Point } from '../model/layout.ts';
import { markOf } from '../model/marks.ts';
import { HEAD, curvesOf, pointOn } from '../model/routes.ts';
import type { Route } from '../model/routes.ts';
import { OUTCOMES } from '../model/status.ts';
import type { Outcome } from '../model/status.ts';
import { detailAt, viewOf } from './camera.ts';
import type { Box, Camera, Size } from './camera.ts';

/** What is drawn. */
export interface Scene {
  graph: Graph;
  places: Places;
  routes: ReadonlyMap<string, Route>;
  camera: Camera;
  /** Keys of the nodes that stand out; absent when all do. */
  lit?: ReadonlySet<string> | undefined;
  /** The key of the chosen edge. */
  chosen?: string | undefined;
  /** The key of the edge under the pointer. */
  hovered?: string | undefined;
  /** Keys of the edges that are drawn; absent for all. */
  edges?: ReadonlySet<string> | undefined;
}

/** The colours of the style sheet. */
export interface Paint {
  line: string;
  dot: string;
  text: string;
  quiet: string;
  surface: string;
  accent: string;
  sans: string;
  status: Record<Outcome, string>;
}

export function paintOf(element: Element): Paint {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const status = Object.fromEntries(OUTCOMES.map((one) => [one, value(`--${one}`)]));
  return {
    line: value('--line2'),
    dot: value('--line'),
    text: value('--tx'),
    quiet: value('--tx2'),
    surface: value('--surf'),
    accent: value('--accent'),
    sans: value('--sans'),
    status: status as Record<Outcome, string>,
  };
}

const DIM = 0.18;
const FAULTY_MIN = 0.01;
/** From so many lines on they are drawn plainly when they are far away. */
const LINES_PLAIN = 300;
/** Below this scale heads are smaller than a pixel or two. */
const HEADS_MIN = 0.2;

export function isFaulty(edge: Edge): boolean {
  return shareOf(edge.stats, 'fault') >= FAULTY_MIN;
}

/** Draws the scene; the canvas has the size that it is shown with. */
export function drawMap(
  context: CanvasRenderingContext2D,
  size: Size,
  scene: Scene,
  paint: Paint,
): void {
  const { canvas } = context;
  const density = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(size.width * density), Math.round(size.height * density)];
  if (canvas.width !== width || canvas.height !== height)
    [canvas.width, canvas.height] = [width, height];
  const { camera } = scene;
  context.setTransform(density, 0, 0, density, 0, 0);
  drawGround(context, size, camera, paint);
  context.translate(camera.x, camera.y);
  context.scale(camera.scale, camera.scale);
  const view = viewOf(camera, size);
  drawEdges(context, scene, paint, view);
  const detail = detailAt(camera.scale);
  if (detail === 'blocks' || detail === 'drawn') drawNodes(context, scene, paint, view);
}

/** How far the dots of the ground are from each other, about. */
const DOTS = 24;
const DOT = 2;

/** The ground with its dots, which go along with the map: they part as it grows, until there is room
 * for twice as many. The canvas has nothing to shine through. */
function drawGround(
  context: CanvasRenderingContext2D,
  { width, height }: Size,
  { x, y, scale }: Camera,
  paint: Paint,
): void {
  context.fillStyle = paint.surface;
  context.fillRect(0, 0, width, height);
  const step = DOTS * scale * 2 ** -Math.round(Math.log2(scale));
  const rest = (at: number) => ((at % step) + step) % step;
  context.fillStyle = paint.dot;
  context.globalAlpha = 0.8;
  // On whole pixels, which is many times faster.
  for (let top = rest(y); top < height; top += step)
    for (let left = rest(x); left < width; left += step)
      context.fillRect(Math.round(left), Math.round(top), DOT, DOT);
  context.globalAlpha = 1;
}

/** Lines that look the same, drawn at one go. */
interface Batch {
  colour: string;
  width: CssPixels;
  isDashed: boolean;
  alpha: number;
  routes: Route[];
}

function drawEdges(context: CanvasRenderingContext2D, scene: Scene, paint: Paint, view: Box): void {
  const seen = batchesOf(scene, paint).map((batch) => ({
    ...batch,
    routes: batch.routes.filter(
      ({ left, top, right, bottom }) =>
        right >= view.left && left <= view.right && bottom >= view.top && top <= view.bottom,
    ),
  }));
  const count = seen.reduce((sum, { routes }) => sum + routes.length, 0);
  // Far away nobody sees how lines go around cards, and many of them take long.
  const isPlain = count > LINES_PLAIN && detailAt(scene.camera.scale) !== 'full';
  for (const batch of seen) stroke(context, batch, scene.camera.scale, isPlain);
  context.globalAlpha = 1;
  context.setLineDash([]);
}

let sorted: { of: Scene; paint: Paint; batches: Batch[] } | undefined;

/** Returns all lines that are drawn, those that look the same together; what stands out lies above.
 * Kept for the next drawing, for a camera that moves changes nothing in it. */
function batchesOf(scene: Scene, paint: Paint): Batch[] {
  const parts = ['routes', 'lit', 'chosen', 'hovered', 'edges'] as const;
  if (sorted?.paint === paint && parts.every((part) => sorted?.of[part] === scene[part]))
    return sorted.batches;
  const found = new Map<string, Batch>();
  for (const route of scene.routes.values()) {
    const { edge } = route;
    const isNamed = edge.key === scene.chosen || edge.key === scene.hovered;
    if (scene.edges && !scene.edges.has(edge.key) && !isNamed) continue;
    const look = lookOf(edge, scene, paint);
    const key = `${look.alpha} ${look.isDashed} ${look.colour} ${look.width}`;
    const batch = found.get(key);
    if (batch) batch.routes.push(route);
    else found.set(key, { ...look, routes: [route] });
  }
  const batches = [...found.values()].sort(
    (a, b) => a.alpha - b.alpha || Number(a.isDashed) - Number(b.isDashed) || a.width - b.width,
  );
  sorted = { of: scene, paint, batches };
  return batches;
}

function lookOf(edge: Edge, scene: Scene, paint: Paint): Omit<Batch, 'routes'> {
  const isNamed = edge.key === scene.chosen || edge.key === scene.hovered;
  const isLit = !scene.lit || (scene.lit.has(edge.from) && scene.lit.has(edge.to));
  const strength = Math.round(Math.log10(1 + edge.stats.total) * 2) / 2;
  const colour = isNamed ? paint.accent : isFaulty(edge) ? paint.status.fault : paint.line;
  return {
    colour,
    width: Math.min(6, 1.25 + strength * 0.75) + (isNamed ? 1 : 0),
    isDashed: isFaulty(edge) || edge.stats.total === 0,
    alpha: isLit || isNamed ? 1 : DIM,
  };
}

function stroke(
  context: CanvasRenderingContext2D,
  batch: Batch,
  scale: number,
  isPlain: boolean,
): void {
  context.globalAlpha = batch.alpha;
  context.strokeStyle = batch.colour;
  context.fillStyle = batch.colour;
  context.lineWidth = Math.max(batch.width, 0.8 / scale);
  context.setLineDash(batch.isDashed && !isPlain ? [7, 5] : []);
  context.beginPath();
  for (const { line } of batch.routes) {
    if (isPlain) direct(context, line);
    else curves(context, line);
  }
  context.stroke();
  context.setLineDash([]);
  if (scale < HEADS_MIN) return;
  context.beginPath();
  for (const { line } of batch.routes) head(context, line);
  context.fill();
}

function curves(context: CanvasRenderingContext2D, line: readonly number[]): void {
  context.moveTo(line[0] ?? 0, line[1] ?? 0);
  for (let i = 2; i + 5 < line.length; i += 6) {
    context.bezierCurveTo(
      line[i] ?? 0, line[i + 1] ?? 0, line[i + 2] ?? 0, line[i + 3] ?? 0, line[i + 4] ?? 0, line[i + 5] ?? 0,
    ); // prettier-ignore
  }
}

/** One curve from end to end. */
function direct(context: CanvasRenderingContext2D, line: readonly number[]): void {
  const [fromX = 0, fromY = 0] = line;
  const [toX = 0, toY = 0] = line.slice(-2);
  const bend = Math.max(40, Math.abs(toX - fromX) / 2);
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX + bend, fromY, toX - bend, toY, toX, toY);
}

/** The head keeps its size however strong the line. */
function head(context: CanvasRenderingContext2D, line: readonly number[]): void {
  const end = line.length;
  const [x = 0, y = 0] = [line[end - 2], line[end - 1]];
  const [fromX = 0, fromY = 0] = [line[end - 4], line[end - 3]];
  const length = Math.hypot(x - fromX, y - fromY) || 1;
  const [dx, dy] = [(x - fromX) / length, (y - fromY) / length];
  const wide = 5;
  context.moveTo(x + dx * HEAD, y + dy * HEAD);
  context.lineTo(x - dx - dy * wide, y - dy + dx * wide);
  context.lineTo(x - dx + dy * wide, y - dy - dx * wide);
  context.closePath();
}

function drawNodes(
  context: CanvasRenderingContext2D,
  { graph, places, lit, camera }: Scene,
  paint: Paint,
  view: Box,
): void {
  const isDrawn = detailAt(camera.scale) === 'drawn';
  /** By how strongly they are drawn, and by outcome. */
  const alike = new Map<number, Map<Outcome, Card[]>>();
  for (const node of graph.nodes) {
    const at = places.get(node.key);
    if (!at || at.x > view.right || at.x + CARD.width < view.left) continue;
    if (at.y > view.bottom || at.y + CARD.height < view.top) continue;
    const alpha = (!lit || lit.has(node.key) ? 1 : DIM) * (node.state === 'silent' ? 0.4 : 1);
    const cards = alike.get(alpha) ?? new Map<Outcome, Card[]>();
    alike.set(alpha, cards);
    const mark = markOf(node);
    const own = cards.get(mark);
    if (own) own.push({ node, at });
    else cards.set(mark, [{ node, at }]);
  }
  for (const [alpha, cards] of [...alike].sort(([a], [b]) => a - b)) {
    context.globalAlpha = alpha;
    drawCards(context, cards, paint, isDrawn);
  }
  context.globalAlpha = 1;
}

interface Card {
  node: Node;
  at: Point;
}

/** Draws cards, those of one outcome at one go. */
function drawCards(
  context: CanvasRenderingContext2D,
  cards: ReadonlyMap<Outcome, readonly Card[]>,
  paint: Paint,
  hasNames: boolean,
): void {
  for (const mark of OUTCOMES) {
    const own = cards.get(mark);
    if (!own) continue;
    context.fillStyle = paint.surface;
    context.strokeStyle = mark === 'ok' ? paint.line : paint.status[mark];
    context.lineWidth = mark === 'ok' ? 2.5 : 4;
    context.beginPath();
    for (const { node, at } of own) {
      if (hasNames) context.roundRect(at.x, at.y, widthOf(node), CARD.height, 10);
      else context.rect(at.x, at.y, widthOf(node), CARD.height);
    }
    context.fill();
    context.stroke();
    if (hasNames) continue;
    context.fillStyle = paint.status[mark];
    for (const { at } of own) context.fillRect(at.x + 9, at.y + 9, 12, CARD.height - 18);
  }
  if (hasNames) for (const own of cards.values()) drawNames(context, own, paint);
}

function drawNames(context: CanvasRenderingContext2D, cards: readonly Card[], paint: Paint): void {
  context.fillStyle = paint.text;
  context.font = `600 22px ${paint.sans}`;
  context.textBaseline = 'middle';
  for (const { node, at } of cards) {
    const text = cut(context, shortName(node.name), widthOf(node) - 62);
    context.fillText(text, at.x + 52, at.y + CARD.height / 2);
  }
  for (const { node, at } of cards) {
    drawRing(context, node, { x: at.x + 27, y: at.y + CARD.height / 2 }, paint);
  }
}

function drawRing(
  context: CanvasRenderingContext2D,
  { stats }: Node,
  middle: Point,
  paint: Paint,
): void {
  let angle = -Math.PI / 2;
  context.lineWidth = 7;
  for (const outcome of OUTCOMES) {
    const arc = shareOf(stats, outcome) * Math.PI * 2;
    if (arc === 0) continue;
    context.strokeStyle = paint.status[outcome];
    context.beginPath();
    context.arc(middle.x, middle.y, 14, angle, angle + arc);
    context.stroke();
    angle += arc;
  }
}

const cuts = new Map<string, string>();
const CUTS_MAX = 2000;

/** Returns as much of the text as fits, with an ellipsis where something is missing. */
function cut(context: CanvasRenderingContext2D, text: string, width: CssPixels): string {
  const key = `${width} ${text}`;
  const known = cuts.get(key);
  if (known !== undefined) return known;
  let shown = text;
  for (let end = text.length; end > 1 && context.measureText(shown).width > width; end -= 1) {
    shown = `${text.slice(0, end - 1)}…`;
  }
  if (cuts.size >= CUTS_MAX) cuts.clear();
  cuts.set(key, shown);
  return shown;
}

/** A place for words on a line. */
export interface Chip {
  edge: Edge;
  at: Point;
  /** Whether the caller's faults come from here. */
  isPassedOn: boolean;
}

/** How much room words take, in the drawing, at most. */
const CHIP = { width: 66, height: 22 } as const;
/** So few are shown even where they cover something. */
const FEW = 6;
const CHIP_TRIES = [0.5, 0.35, 0.65, 0.2, 0.8];

/** Returns places for the words of calls, worst first, so that none lie over each other or over a
 * card; what finds no place has none. `must` names calls that get one in any case; `grown` says how
 * much larger than the cards words are drawn. */
export function chipsOf(
  graph: Graph,
  places: Places,
  routes: ReadonlyMap<string, Route>,
  must: ReadonlySet<string>,
  grown = 1,
): Chip[] {
  const faults = new Map(graph.nodes.map((node) => [node.key, node]));
  const wanted = graph.edges
    .filter((edge) => must.has(edge.key) || isFaulty(edge))
    .sort(
      (a, b) =>
        Number(must.has(b.key)) - Number(must.has(a.key)) ||
        shareOf(b.stats, 'fault') - shareOf(a.stats, 'fault') ||
        (a.key < b.key ? -1 : 1),
    );
  const [wide, tall] = [CHIP.width * grown, CHIP.height * grown];
  const taken: Point[] = [];
  const cards = [...places.values()];
  const isFree = (at: Point) =>
    taken.every((one) => Math.abs(one.x - at.x) >= wide || Math.abs(one.y - at.y) >= CHIP.height) &&
    cards.every(
      ({ x, y }) =>
        at.x + CHIP.width / 2 <= x || at.x - CHIP.width / 2 >= x + CARD.width ||
        at.y + tall / 2 <= y || at.y - tall / 2 >= y + CARD.height,
    ); // prettier-ignore
  return wanted.flatMap((edge) => {
    const route = routes.get(edge.key);
    if (!route) return [];
    const last = curvesOf(route) - 1;
    const tries = CHIP_TRIES.map((t) => pointOn(route, last, t));
    const at =
      tries.find(isFree) ?? (must.has(edge.key) || wanted.length < FEW ? tries[0] : undefined);
    if (!at) return [];
    taken.push(at);
    const [caller, callee] = [faults.get(edge.from), faults.get(edge.to)];
    const isPassedOn =
      isFaulty(edge) && !!caller && !caller.isOrigin && caller.stats.fault > 0 && !!callee;
    return [{ edge, at, isPassedOn }];
  });
}
