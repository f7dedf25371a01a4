// The map as a file: SVG, PNG, JSON, CSV.
import { paintOf } from '../../draw/map.ts';
import { svgOf } from '../../draw/svg.ts';
import type { Graph } from '../../model/graph.ts';
import type { Places } from '../../model/layout.ts';
import { csvOf, jsonOf, sortedRows } from '../../model/maptable.ts';
import type { Sort } from '../../model/maptable.ts';
import type { Format } from './tools.tsx';

/** A picture larger than this in either direction is made smaller. */
const PIXELS_MAX = 8000;
/** By then the browser has taken a file. */
const TAKEN_MS = 60_000;

interface Options {
  graph: Graph;
  places: Places;
  minutes: number;
  client: string;
  sort: Sort;
  hits: readonly string[] | undefined;
}

/** Makes the file and hands it to the browser. */
export async function saveMap(format: Format, options: Options): Promise<void> {
  const { graph, places, minutes, client, sort, hits } = options;
  const name = `service-map.${format}`;
  if (format === 'json') return hand(name, new Blob([jsonOf(graph)], { type: 'application/json' }));
  if (format === 'csv') {
    const rows = sortedRows(graph, sort, hits && new Set(hits));
    return hand(name, new Blob([csvOf(rows)], { type: 'text/csv' }));
  }
  const paint = paintOf(document.documentElement);
  const svg = svgOf(graph, places, { paint, minutes, client });
  if (format === 'svg') return hand(name, new Blob([svg], { type: 'image/svg+xml' }));
  const picture = await pictureOf(svg);
  if (picture) hand(name, picture);
  return undefined;
}

async function pictureOf(svg: string): Promise<Blob | null> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const scale = Math.min(2, PIXELS_MAX / Math.max(image.width, image.height));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width * scale, image.height * scale];
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function hand(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), TAKEN_MS);
}
