// Boxes of a trace on a canvas, each below the one that called it.
import type { CssPixels, Milliseconds } from '../lib/units.ts';
import type { Box } from '../model/flame.ts';
import { hueOf } from '../model/status.ts';
import { coloursOf } from './minimap.ts';

export const FLAME_ROW: CssPixels = 22;

/** What to draw. */
export interface Flame {
  boxes: readonly Box[];
  /** What is seen, from left to right. */
  from: Milliseconds;
  to: Milliseconds;
  /** The id of the chosen work. */
  chosen: string;
  isDimmed: (box: Box) => boolean;
}

/** Narrower boxes have no label. */
const LABEL_MIN: CssPixels = 28;

interface Span {
  from: Milliseconds;
  to: Milliseconds;
}

/** Returns where a box lies across, or nothing when it is not seen. */
export function acrossOf(
  { from, to }: Span,
  seen: Span,
  width: CssPixels,
): readonly [CssPixels, CssPixels] | undefined {
  const scale = width / Math.max(seen.to - seen.from, 1e-9);
  const left = Math.max(0, (from - seen.from) * scale);
  const right = Math.min(width, (to - seen.from) * scale);
  return right < 0 || left > width || right < left ? undefined : [left, right];
}

/** Draws the boxes; the canvas has the size that it is shown with. */
export function drawFlame(canvas: HTMLCanvasElement, flame: Flame): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = window.devicePixelRatio || 1;
  canvas.width = width * density;
  canvas.height = height * density;
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(canvas);
  const { status } = coloursOf(canvas);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const [text, accent] = [token('--tx'), token('--accent')];
  const [saturation, lightness] = [token('--flame-s'), token('--flame-l')];
  context.scale(density, density);
  context.font = `11px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  const seen = seenOf(flame, width);
  // By colour, for changing it costs more than a box.
  for (const [hue, boxes] of seen.byHue) {
    context.fillStyle = `hsl(${hue} ${saturation} ${lightness})`;
    for (const { box, left, size } of boxes) {
      context.globalAlpha = flame.isDimmed(box) ? 0.3 : 1;
      context.fillRect(left, box.depth * FLAME_ROW, size, FLAME_ROW - 1);
    }
  }
  context.globalAlpha = 1;
  for (const { box, left, size } of seen.all) {
    if (box.outcome === 'ok') continue;
    context.fillStyle = status[box.outcome];
    context.fillRect(left, box.depth * FLAME_ROW + FLAME_ROW - 4, size, 3);
  }
  context.fillStyle = text;
  for (const { box, left, size } of seen.all) {
    if (size <= LABEL_MIN || flame.isDimmed(box)) continue;
    const label = cut(context, labelOf(box), size - 8);
    context.fillText(label, left + 4, box.depth * FLAME_ROW + FLAME_ROW / 2 - 1);
  }
  const chosen = seen.all.find(({ box }) => box.work.id === flame.chosen);
  if (!chosen) return;
  context.strokeStyle = accent;
  context.lineWidth = 2;
  const top = chosen.box.depth * FLAME_ROW;
  context.strokeRect(chosen.left + 1, top + 1, Math.max(1, chosen.size - 2), FLAME_ROW - 3);
}

interface Seen {
  box: Box;
  left: CssPixels;
  size: CssPixels;
}

/** Returns the boxes that can be told apart. */
function seenOf(flame: Flame, width: CssPixels): { all: Seen[]; byHue: Map<number, Seen[]> } {
  const all: Seen[] = [];
  const byHue = new Map<number, Seen[]>();
  /** How far to the right each row is full of boxes thinner than a pixel. */
  const full: CssPixels[] = [];
  for (const box of flame.boxes) {
    const across = acrossOf(box, flame, width);
    if (!across) continue;
    const [left, right] = across;
    const size = Math.max(1, right - left - (right - left > 3 ? 1 : 0));
    if (size <= 1 && left < (full[box.depth] ?? -1)) continue;
    if (size <= 1) full[box.depth] = left + 1;
    const one = { box, left, size };
    all.push(one);
    const hue = hueOf(box.work.service || box.work.name);
    const same = byHue.get(hue);
    if (same) same.push(one);
    else byHue.set(hue, [one]);
  }
  return { all, byHue };
}

function labelOf({ work, count }: Box): string {
  const name = [work.name, work.operation].filter(Boolean).join(' ');
  return count > 1 ? `${name} × ${count}` : name;
}

/** Returns as much of the text as fits. */
function cut(context: CanvasRenderingContext2D, text: string, room: CssPixels): string {
  if (context.measureText(text).width <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low > 1 ? `${text.slice(0, low)}…` : '';
}
