// Which part of a drawing is seen: a point of it is at `x * scale + camera.x` on the screen.
import type { CssPixels } from '../lib/units.ts';
import { CARD } from '../model/layout.ts';
import type { Places, Point } from '../model/layout.ts';

export interface Camera {
  x: CssPixels;
  y: CssPixels;
  scale: number;
}

export interface Size {
  width: CssPixels;
  height: CssPixels;
}

/** What is shown at a scale: blocks, cards on the canvas, cards with large words, cards. */
export type Detail = 'blocks' | 'drawn' | 'large' | 'full';

const SCALE = { min: 0.04, max: 2 } as const;
const DETAIL = { drawn: 0.2, large: 0.42, full: 0.72 } as const;
const MARGIN = { x: 28, y: 36 } as const;

export function detailAt(scale: number): Detail {
  if (scale >= DETAIL.full) return 'full';
  if (scale >= DETAIL.large) return 'large';
  return scale >= DETAIL.drawn ? 'drawn' : 'blocks';
}

/** What a drawing takes up. */
export interface Box {
  left: CssPixels;
  top: CssPixels;
  right: CssPixels;
  bottom: CssPixels;
}

export function boxOf(places: Places): Box {
  let box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of places.values()) {
    box = {
      left: Math.min(box.left, x),
      top: Math.min(box.top, y),
      right: Math.max(box.right, x + CARD.width),
      bottom: Math.max(box.bottom, y + CARD.height),
    };
  }
  return places.size === 0 ? { left: 0, top: 0, right: CARD.width, bottom: CARD.height } : box;
}

/** Returns the camera that shows all of it, no larger than life. */
export function fit(places: Places, { width, height }: Size, largest = 1): Camera {
  const { left, top, right, bottom } = boxOf(places);
  const room = Math.min(
    (width - MARGIN.x * 2) / (right - left),
    (height - MARGIN.y * 2) / (bottom - top),
  );
  const scale = Math.max(SCALE.min, Math.min(largest, room));
  return centred({ x: (left + right) / 2, y: (top + bottom) / 2 }, scale, { width, height });
}

/** Returns the camera with a point of the drawing in the middle. */
export function centred(point: Point, scale: number, { width, height }: Size): Camera {
  return { x: width / 2 - point.x * scale, y: height / 2 - point.y * scale, scale };
}

/** Returns the point of the drawing in the middle. */
export function middleOf({ x, y, scale }: Camera, { width, height }: Size): Point {
  return { x: (width / 2 - x) / scale, y: (height / 2 - y) / scale };
}

/** Returns the camera nearer or farther by `factor`, with the point at `x`, `y` kept where it is. */
export function zoomed(camera: Camera, factor: number, x: CssPixels, y: CssPixels): Camera {
  const scale = Math.min(SCALE.max, Math.max(SCALE.min, camera.scale * factor));
  const by = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * by, y: y - (y - camera.y) * by };
}

/** Returns the camera moved as little as possible so that a card is seen whole; `covered` is what lies over the right side. */
export function showing(
  camera: Camera,
  card: Point,
  { width, height }: Size,
  covered: CssPixels,
): Camera {
  const margin = 24;
  const [left, top] = [card.x * camera.scale + camera.x, card.y * camera.scale + camera.y];
  const push = (from: number, length: number, room: number) =>
    from < margin ? margin - from : Math.min(0, room - margin - (from + length));
  return {
    ...camera,
    x: camera.x + push(left, CARD.width * camera.scale, width - covered),
    y: camera.y + push(top, CARD.height * camera.scale, height),
  };
}

/** Returns the part of the drawing that is seen. */
export function viewOf({ x, y, scale }: Camera, { width, height }: Size): Box {
  return {
    left: -x / scale,
    top: -y / scale,
    right: (width - x) / scale,
    bottom: (height - y) / scale,
  };
}

/** Returns the camera between two, `share` of the way. */
export function between(a: Camera, b: Camera, share: number): Camera {
  const mix = (from: number, to: number) => from + (to - from) * share;
  return { x: mix(a.x, b.x), y: mix(a.y, b.y), scale: mix(a.scale, b.scale) };
}
