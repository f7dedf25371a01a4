// The whole trace in a small canvas: one thin bar for each work, failures above the rest.
import type { CssPixels, Milliseconds } from '../lib/units.ts';
import type { Outcome } from '../model/status.ts';
import { OUTCOMES } from '../model/status.ts';
import type { Trace } from '../model/tree.ts';

export interface Colours {
  bar: string;
  status: Record<Outcome, string>;
}

/** Returns the colours that the style sheet has now. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return {
    bar: value('--edge'),
    status: Object.fromEntries(OUTCOMES.map((one) => [one, value(`--${one}`)])) as Record<
      Outcome,
      string
    >,
  };
}

/** A bar to draw. */
export interface Bar {
  x: CssPixels;
  y: CssPixels;
  width: CssPixels;
  outcome: Outcome;
}

/** Returns the bars from the top down, squeezed into the height; works of one pixel row may share it. */
export function barsOf(trace: Trace, width: CssPixels, height: CssPixels): Bar[] {
  const step = Math.min(4, height / Math.max(1, trace.works.length));
  const scale = trace.length > 0 ? width / trace.length : 0;
  const seen = new Set<number>();
  const bars = Object.fromEntries(OUTCOMES.map((one) => [one, [] as Bar[]])) as Record<Outcome, Bar[]>; // prettier-ignore
  for (const [index, work] of trace.works.entries()) {
    const x = Math.floor(work.start * scale);
    const y = Math.floor(index * step);
    const long = Math.max(1, Math.round(work.length * scale));
    const own = bars[work.outcome];
    // One number for all of it: a screen has fewer pixels than 2^13 across.
    const key = ((y * 8192 + Math.max(0, x)) * 8192 + long) * 4 + OUTCOMES.indexOf(work.outcome);
    if (seen.has(key)) continue;
    seen.add(key);
    own.push({ x, y, width: long, outcome: work.outcome });
  }
  return OUTCOMES.flatMap((one) => bars[one]);
}

/** Draws the trace; the canvas has the size that it is shown with. */
export function drawMinimap(canvas: HTMLCanvasElement, trace: Trace): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = window.devicePixelRatio || 1;
  canvas.width = width * density;
  canvas.height = height * density;
  const context = canvas.getContext('2d');
  if (!context) return;
  const colours = coloursOf(canvas);
  context.scale(density, density);
  const thick = Math.max(1, Math.min(3, height / Math.max(1, trace.works.length) - 1));
  for (const { x, y, width: length, outcome } of barsOf(trace, width, height - 4)) {
    context.fillStyle = outcome === 'ok' ? colours.bar : colours.status[outcome];
    context.fillRect(x, y + 2, length, thick);
  }
}

/** Returns the part of the trace between two places on the canvas, if they are apart. */
export function spanOf(a: CssPixels, b: CssPixels, width: CssPixels, length: Milliseconds) {
  const [from, to] = [a, b]
    .sort((x, y) => x - y)
    .map((x) => (Math.min(Math.max(x, 0), width) / width) * length);
  if (from === undefined || to === undefined || Math.abs(a - b) < 4) return null;
  return [round(from), round(to)] as const;
}

function round(ms: Milliseconds): Milliseconds {
  return Math.round(ms * 1e3) / 1e3;
}
