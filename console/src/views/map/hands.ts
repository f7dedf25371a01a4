// What hands do on the map: drag it, pinch it, turn the wheel, move a card, press a line.
import { useEffect, useRef } from 'react';
import type { PointerEvent, RefObject } from 'react';
import type { Camera } from '../../draw/camera.ts';
import { zoomed } from '../../draw/camera.ts';
import type { Places, Point } from '../../model/layout.ts';
import type { Stage } from './stage.ts';

/** A press that moves less than this is a click. */
const STILL = 4;

interface Press {
  id: number;
  x: number;
  y: number;
  camera: Camera;
  /** The card that was pressed, and where it was. */
  card?: { key: string; from: Point } | undefined;
  isMoved: boolean;
}

/** A card on its way. */
export interface Drag {
  key: string;
  at: Point;
}

interface Options {
  stage: Stage;
  /** Where cards stand when none is on its way. */
  places: Places;
  drag: Drag | undefined;
  setDrag: (drag: Drag | undefined) => void;
  /** Absent where cards stay. */
  onMove: ((key: string, at: Point) => void) | undefined;
  onPress: (at: Point) => void;
  onHover: (at: Point | undefined) => void;
}

/** Returns what the stage listens to. */
export function useHands({ stage, places, drag, setDrag, onMove, onPress, onHover }: Options) {
  const press = useRef<Press>(undefined);
  const fingers = useRef(new Map<number, Point>());
  const justMoved = useRef(false);
  const down = (event: PointerEvent<HTMLElement>) => {
    const camera = stage.camera();
    if (!camera || event.button !== 0) return;
    justMoved.current = false;
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const key = (event.target as Element).closest<HTMLElement>('[data-key]')?.dataset['key'];
    const from = key === undefined ? undefined : places.get(key);
    const card = key !== undefined && from && onMove ? { key, from } : undefined;
    press.current = {
      id: event.pointerId,
      x: event.clientX,
      y: event.clientY,
      camera,
      card,
      isMoved: false,
    };
    if (key === undefined) event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const own = press.current;
    if (!own)
      return event.pointerType === 'mouse'
        ? onHover(stage.pointAt(event.clientX, event.clientY))
        : undefined;
    if (pinch(event)) return undefined;
    const [dx, dy] = [event.clientX - own.x, event.clientY - own.y];
    if (!own.isMoved && Math.hypot(dx, dy) < STILL) return undefined;
    if (!own.isMoved) event.currentTarget.setPointerCapture(event.pointerId);
    own.isMoved = true;
    event.currentTarget.dataset['dragging'] = 'true';
    if (!own.card) return stage.set({ ...own.camera, x: own.camera.x + dx, y: own.camera.y + dy });
    const { key, from } = own.card;
    const { scale } = own.camera;
    return setDrag({
      key,
      at: { x: Math.round(from.x + dx / scale), y: Math.round(from.y + dy / scale) },
    });
  };
  /** Two fingers: what lies between them stays between them. */
  const pinch = (event: PointerEvent): boolean => {
    const before = fingers.current.get(event.pointerId);
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    const at = { x: event.clientX, y: event.clientY };
    if (before) fingers.current.set(event.pointerId, at);
    const camera = stage.camera();
    const bounds = stage.box.current?.getBoundingClientRect();
    if (!before || !other || !camera || !bounds) return false;
    const factor = distance(at, other) / Math.max(1, distance(before, other));
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    const moved = {
      ...camera,
      x: camera.x + (at.x - before.x) / 2,
      y: camera.y + (at.y - before.y) / 2,
    };
    stage.set(zoomed(moved, factor, middle.x - bounds.left, middle.y - bounds.top));
    if (press.current) press.current.isMoved = true;
    return true;
  };
  const up = (event: PointerEvent<HTMLElement>) => {
    const own = press.current;
    fingers.current.delete(event.pointerId);
    delete event.currentTarget.dataset['dragging'];
    if (!own || own.id !== event.pointerId) return;
    press.current = undefined;
    justMoved.current = own.isMoved;
    if (drag) onMove?.(drag.key, drag.at);
    setDrag(undefined);
    const isCard = (event.target as Element).closest('[data-key], button');
    const at = own.isMoved || isCard ? undefined : stage.pointAt(event.clientX, event.clientY);
    if (at) onPress(at);
  };
  const clickCapture = (event: { stopPropagation: () => void }) => {
    // The click that ends a movement chooses nothing.
    if (justMoved.current) event.stopPropagation();
    justMoved.current = false;
  };
  const leave = () => onHover(undefined);
  return {
    onPointerDown: down,
    onPointerMove: move,
    onPointerUp: up,
    onPointerCancel: up,
    onPointerLeave: leave,
    onClickCapture: clickCapture,
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The wheel pans; with Ctrl, or as a pinch, it zooms. */
export function useWheel(box: RefObject<HTMLDivElement | null>, stage: Stage): void {
  const { camera, set, zoom } = stage;
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const seen = camera();
      if (!seen) return;
      if (event.ctrlKey || event.metaKey) {
        const bounds = element.getBoundingClientRect();
        zoom(
          Math.exp(-event.deltaY / 240),
          event.clientX - bounds.left,
          event.clientY - bounds.top,
        );
      } else {
        const [dx, dy] = event.shiftKey
          ? [event.deltaY, event.deltaX]
          : [event.deltaX, event.deltaY];
        set({ ...seen, x: seen.x - dx, y: seen.y - dy });
      }
    };
    // React listens passively, and then the page would scroll too.
    element.addEventListener('wheel', turn, { passive: false });
    return () => element.removeEventListener('wheel', turn);
  }, [box, camera, set, zoom]);
}
