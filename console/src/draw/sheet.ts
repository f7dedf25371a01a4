// A drawing that is larger than what is seen of it, so that it can be moved for a while, and made a
// little larger or smaller, before it must be drawn anew.
import type { CssPixels } from '../lib/units.ts';
import { detailAt } from './camera.ts';
import type { Camera, Size } from './camera.ts';

/** How much more is drawn than seen, on each side. */
export const SPARE: CssPixels = 192;
/** Stretched by more than this it looks blurred. */
const STRETCH_MAX = 1.2;

/** Where the sheet lies over the view, and how it is stretched. */
export interface Shift {
  x: CssPixels;
  y: CssPixels;
  scale: number;
}

/** Returns the size of the sheet for a view. */
export function sheetOf({ width, height }: Size): Size {
  return { width: width + SPARE * 2, height: height + SPARE * 2 };
}

/** Returns the camera by which the sheet is drawn. */
export function sheetCamera(camera: Camera): Camera {
  return { ...camera, x: camera.x + SPARE, y: camera.y + SPARE };
}

/** Returns how the sheet that was drawn for one camera lies for another; nothing when it has to be
 * drawn anew, for it would leave a part bare or be too blurred, or other things are shown. */
export function shiftOf(drawn: Camera, camera: Camera, size: Size): Shift | undefined {
  const scale = camera.scale / drawn.scale;
  if (scale > STRETCH_MAX || scale < 1 / STRETCH_MAX) return undefined;
  if (detailAt(camera.scale) !== detailAt(drawn.scale)) return undefined;
  const x = camera.x - (drawn.x + SPARE) * scale;
  const y = camera.y - (drawn.y + SPARE) * scale;
  const sheet = sheetOf(size);
  const isCovered =
    x <= 0 && y <= 0 && x + sheet.width * scale >= size.width && y + sheet.height * scale >= size.height; // prettier-ignore
  if (!isCovered) return undefined;
  // Between two pixels everything would be blurred; a movement is no less smooth for it.
  return scale === 1 ? { x: Math.round(x), y: Math.round(y), scale } : { x, y, scale };
}
