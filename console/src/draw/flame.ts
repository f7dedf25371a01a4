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
  /** How far to the right each row is full of boxes too thin to tell apart. */
  const full: CssPixels[] = [];
  for (const box of flame.boxes) {
    const across = acrossOf(box, flame, width);
    if (!across) continue;
    const [left, right] = across;
    const size = Math.max(1, right - left - 1);
    if (size <= 1 && left < (full[box.depth] ?? -1)) continue;
    if (size <= 1) full[box.depth] = left + 1;
    const top = box.depth * FLAME_ROW;
    context.globalAlpha = flame.isDimmed(box) ? 0.3 : 1;
    context.fillStyle = `hsl(${hueOf(box.work.service || box.work.name)} ${saturation} ${lightness})`;
    context.fillRect(left, top, size, FLAME_ROW - 1);
    if (box.outcome !== 'ok') {
      context.fillStyle = status[box.outcome];
      context.fillRect(left, top + FLAME_ROW - 4, size, 3);
    }
    if (box.work.id === flame.chosen) {
      context.strokeStyle = accent;
      context.lineWidth = 2;
      context.strokeRect(left + 1, top + 1, Math.max(1, size - 2), FLAME_ROW - 3);
    }
    if (size > 28) {
      context.fillStyle = text;
      context.fillText(cut(context, labelOf(box), size - 8), left + 4, top + FLAME_ROW / 2 - 1);
    }
  }
  context.globalAlpha = 1;
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
