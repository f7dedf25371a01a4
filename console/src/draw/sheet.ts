// A drawing that is larger than what is seen of it, so that it can be moved for a while, and made a
// little larger or smaller, before it must be drawn anew.
import type { CssPixels } from '../lib/units.ts';
import { detailAt } from './camera.ts';
import type { Camera, Size } from './camera.ts';

/** How much more is drawn than seen, on each side, of what is only moved. */
export const SPARE: CssPixels = 192;
/** Stretched by more than this it looks blurred. */
const STRETCH_MAX = 1.2;

/** Where the sheet lies over the view, and how it is stretched. */
export interface Shift {
  x: CssPixels;
  y: CssPixels;
  scale: number;
}

/** A sheet, by what it was drawn. */
export interface Sheet {
  camera: Camera;
  /** How much more is drawn than seen, on each side. */
  spare: CssPixels;
}

/** Returns the size of the sheet for a view. */
export function sizeOf({ width, height }: Size, spare: CssPixels): Size {
  return { width: width + spare * 2, height: height + spare * 2 };
}

/** Returns the camera by which the sheet is drawn. */
export function within({ camera, spare }: Sheet): Camera {
  return { ...camera, x: camera.x + spare, y: camera.y + spare };
}

/** Returns how the sheet that was drawn for one camera lies for another; nothing when it has to be
 * drawn anew, for it would leave a part bare or be too blurred, or other things are shown. */
export function shiftOf(
  sheet: Sheet,
  camera: Camera,
  view: Size,
  canStretch: boolean,
): Shift | undefined {
  const drawn = within(sheet);
  const scale = camera.scale / drawn.scale;
  if (!canStretch && scale !== 1) return undefined;
  if (scale > STRETCH_MAX || scale < 1 / STRETCH_MAX) return undefined;
  if (detailAt(camera.scale) !== detailAt(drawn.scale)) return undefined;
  const [x, y] = [camera.x - drawn.x * scale, camera.y - drawn.y * scale];
  const { width, height } = sizeOf(view, sheet.spare);
  if (x > 0 || x + width * scale < view.width) return undefined;
  if (y > 0 || y + height * scale < view.height) return undefined;
  // Between two pixels everything would be blurred; a movement is no less smooth for it.
  return scale === 1 ? { x: Math.round(x), y: Math.round(y), scale } : { x, y, scale };
}
