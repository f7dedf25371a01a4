// The map as a picture of its own, with everything in it: for documents and messages.
import { duration, percent, perMinute } from '../lib/format.ts';
import { averageOf, shareOf } from '../model/graph.ts';
import type { Edge, Graph, Node } from '../model/graph.ts';
import { kindOf, shortName, typeName } from '../model/kind.ts';
import { CARD, widthOf } from '../model/layout.ts';
import type { Places, Point } from '../model/layout.ts';
import { markOf } from '../model/marks.ts';
import { HEAD, routesOf } from '../model/routes.ts';
import type { Route } from '../model/routes.ts';
import { OUTCOMES } from '../model/status.ts';
import { boxOf } from './camera.ts';
import { ICONS } from './icons.ts';
import { chipsOf, isFaulty } from './map.ts';
import type { Paint } from './map.ts';

const MARGIN = 32;

interface Options {
  paint: Paint;
  minutes: number;
  /** What clients are called. */
  client: string;
}

/** Returns an SVG file of the whole map. */
export function svgOf(graph: Graph, places: Places, options: Options): string {
  const routes = routesOf(graph, places);
  const { paint } = options;
  const box = boxOf(places);
  for (const route of routes.values()) {
    box.top = Math.min(box.top, route.top);
    box.bottom = Math.max(box.bottom, route.bottom);
  }
  const [x, y] = [box.left - MARGIN, box.top - MARGIN];
  const [width, height] = [box.right - x + MARGIN, box.bottom - y + MARGIN];
  const edges = [...routes.values()].map((route) => edgeOf(route, paint));
  const chips = chipsOf(graph, places, routes, new Set()).map(({ edge, at }) =>
    chip(edge, at, paint),
  );
  const nodes = graph.nodes.flatMap((node) => {
    const at = places.get(node.key);
    return at ? [cardOf(node, at, options)] : [];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${x} ${y} ${width} ${height}" font-family="${escaped(paint.sans)}">`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${paint.surface}"/>`,
    ...edges, ...chips, ...nodes,
    '</svg>\n',
  ].join('\n'); // prettier-ignore
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

function edgeOf({ edge, line }: Route, paint: Paint): string {
  const colour = isFaulty(edge) ? paint.status.fault : paint.line;
  const [x = 0, y = 0] = line.slice(-2);
  const [fromX = 0, fromY = 0] = line.slice(-4, -2);
  const angle = (Math.atan2(y - fromY, x - fromX) * 180) / Math.PI;
  const curves: string[] = [];
  for (let i = 2; i + 5 < line.length; i += 6)
    curves.push(
      `C${line
        .slice(i, i + 6)
        .map(round)
        .join(' ')}`,
    );
  const width = Math.min(6, 1.25 + Math.log10(1 + edge.stats.total) * 0.75);
  return (
    `<path d="M${round(line[0] ?? 0)} ${round(line[1] ?? 0)}${curves.join('')}" fill="none" stroke="${colour}" stroke-width="${round(width)}"${isFaulty(edge) ? ' stroke-dasharray="7 5"' : ''}/>` +
    `<path d="M${HEAD} 0-1 5V-5z" fill="${colour}" transform="translate(${round(x)} ${round(y)}) rotate(${round(angle)})"/>`
  );
}

const round = (value: number) => Math.round(value * 10) / 10;

function chip(edge: Edge, at: Point, paint: Paint): string {
  const text = percent(shareOf(edge.stats, 'fault'));
  const width = 24 + text.length * 5.6;
  return (
    `<g transform="translate(${round(at.x - width / 2)} ${round(at.y - 9)})"><rect width="${round(width)}" height="18" rx="9" fill="${paint.surface}" stroke="${paint.status.fault}" stroke-width="1.5"/>` +
    `<path d="M8 6l6 6m0-6-6 6" stroke="${paint.status.fault}" stroke-width="1.8" stroke-linecap="round"/>` +
    `<text x="18" y="13" font-size="11" fill="${paint.text}">${escaped(text)}</text></g>`
  );
}

/** About how many letters fit beside the ring. */
const LETTERS = 19;

function cardOf(node: Node, at: Point, { paint, minutes, client }: Options): string {
  const mark = markOf(node);
  const isDashed = node.isInferred || node.isClient;
  const rate = perMinute(node.stats.total / minutes);
  const texts = node.isClient
    ? [client, shortName(node.name), rate]
    : [shortName(node.name), typeName(node.type), `${duration(averageOf(node.stats))} · ${rate}`];
  const most = node.isClient ? LETTERS - 8 : LETTERS;
  const cut = (text: string) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  const lines = texts.map(
    (text, index) =>
      `<text x="54" y="${17 + index * 15.5}" font-size="${index === 0 ? 12 : 11}"${index === 0 ? ' font-weight="600"' : ''} fill="${index === 1 ? paint.quiet : paint.text}">${escaped(cut(text))}</text>`,
  );
  return (
    `<g transform="translate(${round(at.x)} ${round(at.y)})"><title>${escaped(node.name)}</title>` +
    `<rect width="${widthOf(node)}" height="${CARD.height}" rx="10" fill="${paint.surface}" stroke="${mark === 'ok' ? paint.line : paint.status[mark]}" stroke-width="${mark === 'ok' ? 1.5 : 2.5}"${isDashed ? ' stroke-dasharray="4 3"' : ''}/>` +
    ring(node, paint) +
    `<path d="${ICONS[kindOf(node.type)]}" transform="translate(19 20)" fill="none" stroke="${paint.quiet}" stroke-width="1.3"/>${lines.join('')}</g>`
  );
}

function ring({ stats }: Node, paint: Paint): string {
  const round15 = 2 * Math.PI * 15;
  let before = 0;
  const arcs = OUTCOMES.flatMap((outcome) => {
    const arc = shareOf(stats, outcome) * round15;
    if (arc === 0) return [];
    const drawn = `<circle r="15" fill="none" stroke="${paint.status[outcome]}" stroke-width="3.5" stroke-dasharray="${round(arc)} ${round(round15)}" stroke-dashoffset="${round(-before)}"/>`;
    before += arc;
    return [drawn];
  });
  return `<g transform="translate(27 28) rotate(-90)">${arcs.join('')}</g>`;
}
