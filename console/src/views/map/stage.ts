// The camera over the map and what is painted for it. Moving the camera does not go through React:
// a frame moves two layers, the canvas and the cards; the canvas is drawn when it is used up, and once
// more at rest. React hears of it only when other cards are seen.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';
import {
  between,
  boxOf,
  centred,
  detailAt,
  fit,
  middleOf,
  showing,
  viewOf,
  zoomed,
} from '../../draw/camera.ts';
import type { Box, Camera, Detail, Size } from '../../draw/camera.ts';
import { drawMap, paintOf } from '../../draw/map.ts';
import type { Paint, Scene } from '../../draw/map.ts';
import { SPARE, shiftOf, sizeOf, within } from '../../draw/sheet.ts';
import type { Sheet } from '../../draw/sheet.ts';
import { CARD } from '../../model/layout.ts';
import type { Places, Point } from '../../model/layout.ts';

/** What the URL keeps of a camera: the point in the middle and the scale. */
export type At = readonly [x: number, y: number, scale: number];

const MOVE_MS = 180;
/** After the last movement so long until the URL hears of it. */
const SETTLE_MS = 400;
/** Cards so near to the edge of the view are there already. */
const AHEAD = 240;
/** The first frames are timed; where the middle one takes longer, the canvas is drawn without the GPU. */
const TIMED = { frames: 5, most: 50 } as const;

export interface Shown {
  detail: Detail;
  keys: readonly string[];
}

interface Options {
  scene: Omit<Scene, 'camera'>;
  at: At | null;
  onAt: ((at: At | null) => void) | undefined;
  theme: string;
  /** Whether all of it is kept in view. */
  isFitted: boolean;
}

export interface Stage {
  box: RefObject<HTMLDivElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  layer: RefObject<HTMLDivElement | null>;
  minimap: RefObject<HTMLDivElement | null>;
  shown: Shown;
  isSlow: boolean;
  camera: () => Camera | undefined;
  /** Returns the point of the drawing under a point of the window. */
  pointAt: (x: number, y: number) => Point | undefined;
  set: (camera: Camera) => void;
  zoom: (factor: number, x?: number, y?: number) => void;
  fitAll: () => void;
  centre: (point: Point) => void;
  reveal: (card: Point, covered: number) => void;
}

export function useStage({ scene, at, onAt, theme, isFitted }: Options): Stage {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const layer = useRef<HTMLDivElement>(null);
  const minimap = useRef<HTMLDivElement>(null);
  const camera = useRef<Camera>(undefined);
  const size = useRef<Size>({ width: 0, height: 0 });
  const paint = useRef<{ theme: string; colours: Paint }>(undefined);
  const frame = useRef(0);
  const isTouched = useRef(at !== null);
  const latest = useRef({ scene, onAt, at, isFitted, theme });
  latest.current = { scene, onAt, at, isFitted, theme };
  const [shown, setShown] = useState<Shown>({ detail: 'full', keys: [] });
  const known = useRef(shown);
  known.current = shown;
  const sheet = useRef<Drawn>(undefined);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { isSlow, time } = useTiming();

  const draw = useCallback(
    (now: number) => {
      frame.current = 0;
      const own = canvas.current;
      const seen = camera.current;
      const { scene: what, theme: colour } = latest.current;
      if (!own || !seen) return;
      const wanted = { own, what, colour, size: size.current };
      const isKept = sheet.current !== undefined && isSame(sheet.current, wanted);
      const canStretch = (what.edges ?? what.routes).size > LINES_STRETCHED;
      const lies = (on: Sheet) => shiftOf(on, seen, size.current, canStretch);
      let shift = isKept && sheet.current ? lies(sheet.current) : undefined;
      time(now, !shift);
      if (!shift) {
        if (paint.current?.theme !== colour)
          paint.current = { theme: colour, colours: paintOf(own) };
        const isZoomed = isKept && sheet.current?.camera.scale !== seen.scale;
        sheet.current = { ...wanted, camera: seen, spare: isZoomed && !canStretch ? 0 : SPARE };
        drawSheet(sheet.current, paint.current.colours);
        shift = lies(sheet.current);
      }
      if (shift)
        own.style.transform = `translate(${shift.x}px, ${shift.y}px) scale(${shift.scale})`;
      moveLayer(layer.current, seen);
      moveMinimap(minimap.current, what.places, seen, size.current);
      const following = next(known.current, what.places, seen, size.current);
      if (following !== known.current) setShown((known.current = following));
      clearTimeout(rest.current);
      rest.current = setTimeout(() => {
        layer.current?.style.removeProperty('will-change');
        if (sheet.current?.camera === camera.current && sheet.current?.spare === SPARE) return;
        sheet.current = undefined;
        if (frame.current === 0) frame.current = requestAnimationFrame(draw);
      }, REST_MS);
    },
    [time],
  );
  const ask = useCallback(() => {
    if (frame.current === 0) frame.current = requestAnimationFrame(draw);
  }, [draw]);
  const settle = useRef<ReturnType<typeof setTimeout>>(undefined);
  const set = useCallback(
    (next: Camera, isOurs = false) => {
      camera.current = next;
      isTouched.current = !isOurs;
      ask();
      clearTimeout(settle.current);
      settle.current = setTimeout(() => {
        const { onAt: tell, at: before } = latest.current;
        if (isOurs ? before !== null : true) tell?.(isOurs ? null : written(next, size.current));
      }, SETTLE_MS);
    },
    [ask],
  );
  const glide = useGlide(camera, set);
  const fitAll = useCallback(() => glide(fitted(latest.current, size.current), true), [glide]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const measure = () => {
      size.current = { width: element.clientWidth, height: element.clientHeight };
      const given = latest.current.at;
      if (camera.current === undefined && given)
        camera.current = centred({ x: given[0], y: given[1] }, given[2], size.current);
      else if (!isTouched.current || latest.current.isFitted)
        camera.current = fitted(latest.current, size.current);
      ask();
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => {
      observer.disconnect();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
      clearTimeout(settle.current);
      clearTimeout(rest.current);
    };
  }, [ask]);
  useEffect(() => {
    if (isFitted && size.current.width > 0) camera.current = fitted(latest.current, size.current);
    ask();
  }, [scene, theme, isSlow, isFitted, ask]);

  return {
    box, canvas, layer, minimap, shown, isSlow, set, fitAll,
    camera: useCallback(() => camera.current, []),
    pointAt: useCallback((x, y) => {
      const bounds = box.current?.getBoundingClientRect();
      const seen = camera.current;
      return bounds && seen && { x: (x - bounds.left - seen.x) / seen.scale, y: (y - bounds.top - seen.y) / seen.scale };
    }, []),
    zoom: useCallback((factor, x, y) => {
      const { width, height } = size.current;
      if (camera.current) set(zoomed(camera.current, factor, x ?? width / 2, y ?? height / 2));
    }, [set]),
    centre: useCallback((point) => {
      const seen = camera.current;
      if (seen) glide(centred({ x: point.x + CARD.width / 2, y: point.y + CARD.height / 2 }, Math.max(seen.scale, 0.6), size.current));
    }, [glide]),
    reveal: useCallback((card, covered) => {
      const seen = camera.current;
      const wanted = seen && showing(seen, card, size.current, covered);
      if (seen && wanted && (wanted.x !== seen.x || wanted.y !== seen.y)) glide(wanted);
    }, [glide]),
  }; // prettier-ignore
}

function fitted(
  { scene, isFitted }: { scene: Omit<Scene, 'camera'>; isFitted: boolean },
  size: Size,
): Camera {
  return fit(scene.places, size, isFitted ? 1.6 : 1);
}

function written(camera: Camera, size: Size): At {
  const { x, y } = middleOf(camera, size);
  return [Math.round(x), Math.round(y), Number(camera.scale.toFixed(3))];
}

/** Moves to a camera in a short time; at once for those who do not want to see things move. */
function useGlide(
  camera: RefObject<Camera | undefined>,
  set: (next: Camera, isOurs?: boolean) => void,
) {
  const running = useRef(0);
  useEffect(() => () => cancelAnimationFrame(running.current), []);
  return useCallback(
    (to: Camera, isOurs = false) => {
      cancelAnimationFrame(running.current);
      const from = camera.current;
      if (!from || matchMedia('(prefers-reduced-motion: reduce)').matches) return set(to, isOurs);
      let began = 0;
      const step = (now: number) => {
        began ||= now;
        const share = Math.min(1, (now - began) / MOVE_MS);
        set(share === 1 ? to : between(from, to, 1 - (1 - share) ** 3), isOurs);
        if (share < 1) running.current = requestAnimationFrame(step);
      };
      running.current = requestAnimationFrame(step);
      return undefined;
    },
    [camera, set],
  );
}

/** Times frames in which the canvas was drawn; says when they are too slow for a canvas on the GPU. */
function useTiming() {
  const last = useRef(0);
  const times = useRef<number[]>([]);
  const [isSlow, setSlow] = useState(false);
  const time = useCallback((now: number, isDrawn: boolean) => {
    const took = now - last.current;
    last.current = isDrawn ? now : 0;
    if (times.current.length >= TIMED.frames || took > 1000 || took <= 0) return;
    times.current.push(took);
    if (times.current.length < TIMED.frames) return;
    const middle = [...times.current].sort((a, b) => a - b)[TIMED.frames >> 1] ?? 0;
    if (middle > TIMED.most) setSlow(true);
  }, []);
  return { isSlow, time };
}

/** Of so many lines the picture is stretched while it is zoomed; fewer are sooner drawn than stretched. */
const LINES_STRETCHED = 1200;

/** What a picture is made of. */
interface Source {
  own: HTMLCanvasElement;
  what: Omit<Scene, 'camera'>;
  colour: string;
  size: Size;
}

/** What is on the canvas. */
interface Drawn extends Source, Sheet {}

function isSame(a: Source, b: Source): boolean {
  return a.own === b.own && a.what === b.what && a.colour === b.colour && a.size === b.size;
}

function drawSheet(drawn: Drawn, colours: Paint): void {
  const { own, what } = drawn;
  const willReadFrequently = own.dataset['slow'] === 'true';
  const context = own.getContext('2d', { alpha: false, willReadFrequently });
  const size = sizeOf(drawn.size, drawn.spare);
  own.style.width = `${size.width}px`;
  own.style.height = `${size.height}px`;
  if (context) drawMap(context, size, { ...what, camera: within(drawn) }, colours);
}

/** So long after the last movement layers are drawn for where they are, so that words are sharp. */
const REST_MS = 160;

function moveLayer(layer: HTMLElement | null, { x, y, scale }: Camera): void {
  if (!layer) return;
  layer.style.willChange = 'transform';
  layer.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  // Words keep their size on the screen for longer than cards do; in steps, for each is a new style
  // of all that is below.
  keep(layer, '--name', `${Math.round(Math.max(12, Math.min(17, 9 / scale)))}px`);
  keep(layer, '--chip', String(Math.round(Math.max(1, Math.min(1.9, 0.78 / scale)) * 5) / 5));
}

function keep(element: HTMLElement, name: string, value: string): void {
  if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

/** Moves the frame in the small map; its parent has the size of the drawing by `--unit`. */
function moveMinimap(frame: HTMLElement | null, places: Places, camera: Camera, size: Size): void {
  const unit = Number(frame?.dataset['unit']);
  if (!frame || !(unit > 0)) return;
  const [all, view] = [bounds(places), viewOf(camera, size)];
  frame.style.transform = `translate(${(view.left - all.left) * unit}px, ${(view.top - all.top) * unit}px)`;
  // Not from the edges of the view, of which the last digit changes with each movement.
  frame.style.width = `${(size.width / camera.scale) * unit}px`;
  frame.style.height = `${(size.height / camera.scale) * unit}px`;
}

const boxes = new WeakMap<Places, Box>();

function bounds(places: Places): Box {
  const box = boxes.get(places) ?? boxOf(places);
  boxes.set(places, box);
  return box;
}

function next(before: Shown, places: Places, camera: Camera, size: Size): Shown {
  const detail = detailAt(camera.scale);
  if (detail === 'blocks' || detail === 'drawn') {
    return before.detail === detail && before.keys.length === 0 ? before : { detail, keys: [] };
  }
  const view = viewOf(camera, size);
  const keys: string[] = [];
  for (const [key, { x, y }] of places) {
    const isNear =
      x < view.right + AHEAD && x + CARD.width > view.left - AHEAD && y < view.bottom + AHEAD && y + CARD.height > view.top - AHEAD; // prettier-ignore
    if (isNear) keys.push(key);
  }
  const isSame =
    before.detail === detail &&
    before.keys.length === keys.length &&
    keys.every((key, i) => before.keys[i] === key);
  return isSame ? before : { detail, keys };
}
