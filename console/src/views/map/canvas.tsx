// The picture of the map: calls on a canvas, services as buttons above it.
import { Maximize2, Minus, Plus } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { CARD_SCALE_MIN, chipsOf, drawMap, edgeAt, fit, isInView, zoomed } from '../../draw/map.ts';
import type { Camera } from '../../draw/map.ts';
import { percent } from '../../lib/format.ts';
import type { Graph } from '../../model/graph.ts';
import type { Places } from '../../model/layout.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useShortcuts } from '../../state/shortcuts.ts';
import { Glyph } from '../glyph.tsx';
import style from './map.module.css';
import { NodeCard } from './node.tsx';

/** How near a click must come to a call, in pixels of the screen. */
const NEAR = 10;
/** A press that moves less than this is a click. */
const STILL = 4;

interface Props {
  graph: Graph;
  places: Places;
  lit: ReadonlySet<string> | undefined;
  minutes: number;
  selected: string;
  onSelect: (key: string) => void;
}

export function MapCanvas({ graph, places, lit, minutes, selected, onSelect }: Props) {
  const words = useWords();
  const { theme } = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [camera, setCamera] = useState<Camera>();
  const [drag, setDrag] = useState<{ x: number; y: number; from: Camera }>();
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    setSize({ width: element.clientWidth, height: element.clientHeight });
    return () => observer.disconnect();
  }, []);
  const all = useCallback(() => setCamera(fit(places, size.width, size.height)), [places, size]);
  // Only the first time: from then on nothing moves by itself.
  useEffect(() => {
    if (!camera && size.width > 0) all();
  }, [camera, size.width, all]);
  useEffect(() => {
    if (canvas.current && camera)
      drawMap(canvas.current, { graph, places, camera, lit, chosen: selected });
  }, [graph, places, camera, lit, selected, size, theme]);
  const zoom = useCallback(
    (factor: number, x = size.width / 2, y = size.height / 2) =>
      setCamera((before) => before && zoomed(before, factor, x, y)),
    [size],
  );
  useWheel(box, setCamera, zoom);
  useWalk(graph, places, selected, onSelect, box);
  useShortcuts({
    Digit0: all,
    Equal: () => zoom(1.25),
    Minus: () => zoom(0.8),
    Escape: () => onSelect(''),
  });
  const click = (event: React.PointerEvent) => {
    const bounds = box.current?.getBoundingClientRect();
    if (!camera || !bounds) return;
    const point = {
      x: (event.clientX - bounds.left - camera.x) / camera.scale,
      y: (event.clientY - bounds.top - camera.y) / camera.scale,
    };
    onSelect(edgeAt(graph, places, point, NEAR / camera.scale)?.key ?? '');
  };
  const hasCards = camera !== undefined && camera.scale >= CARD_SCALE_MIN;
  return (
    <section className={`card ${style['map']}`} aria-label={words('map.title')}>
      <div
        ref={box}
        className={style['stage']}
        data-dragging={drag !== undefined}
        onPointerDown={(event) => {
          if (!camera || (event.target as Element).closest('button')) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ x: event.clientX, y: event.clientY, from: camera });
        }}
        onPointerMove={(event) => {
          if (!drag) return;
          const { from } = drag;
          setCamera({
            ...from,
            x: from.x + event.clientX - drag.x,
            y: from.y + event.clientY - drag.y,
          });
        }}
        onPointerUp={(event) => {
          if (drag && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < STILL)
            click(event);
          setDrag(undefined);
        }}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {camera && hasCards && (
          <div
            className={style['layer']}
            style={{ transform: `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})` }}
          >
            {chipsOf(graph, places).map((chip) => (
              <span
                key={chip.key}
                aria-hidden="true"
                className={style['chip']}
                style={{ left: chip.at.x, top: chip.at.y }}
              >
                <Glyph outcome="fault" /> {percent(chip.share)}
              </span>
            ))}
            {graph.nodes.map((node) => {
              const at = places.get(node.key);
              if (!at || !isInView(at, camera, size.width, size.height)) return null;
              return (
                <NodeCard
                  key={node.key}
                  node={node}
                  graph={graph}
                  at={at}
                  minutes={minutes}
                  isSelected={selected === node.key}
                  isDimmed={lit !== undefined && !lit.has(node.key)}
                  onSelect={onSelect}
                />
              );
            })}
          </div>
        )}
      </div>
      <div className={style['zoom']}>
        <button
          type="button"
          className="button"
          aria-label={words('map.zoomIn')}
          title={words('map.zoomIn')}
          onClick={() => zoom(1.25)}
        >
          <Plus size={16} />
        </button>
        <button
          type="button"
          className="button"
          aria-label={words('map.zoomOut')}
          title={words('map.zoomOut')}
          onClick={() => zoom(0.8)}
        >
          <Minus size={16} />
        </button>
        <button
          type="button"
          className="button"
          aria-label={words('map.fit')}
          title={words('map.fit')}
          onClick={all}
        >
          <Maximize2 size={16} />
        </button>
      </div>
    </section>
  );
}

type SetCamera = React.Dispatch<React.SetStateAction<Camera | undefined>>;

/** The wheel pans; with Ctrl, or as a pinch, it zooms. */
function useWheel(
  box: React.RefObject<HTMLDivElement | null>,
  setCamera: SetCamera,
  zoom: (factor: number, x: number, y: number) => void,
): void {
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        zoom(
          Math.exp(-event.deltaY / 240),
          event.clientX - bounds.left,
          event.clientY - bounds.top,
        );
      } else {
        setCamera(
          (camera) =>
            camera && { ...camera, x: camera.x - event.deltaX, y: camera.y - event.deltaY },
        );
      }
    };
    // React listens passively, and then the page would scroll too.
    element.addEventListener('wheel', turn, { passive: false });
    return () => element.removeEventListener('wheel', turn);
  }, [box, setCamera, zoom]);
}

/** Arrows walk: left and right along calls, up and down within what stands one above the other. */
function useWalk(
  graph: Graph,
  places: Places,
  selected: string,
  onSelect: (key: string) => void,
  box: React.RefObject<HTMLDivElement | null>,
): void {
  const go = (way: 'left' | 'right' | 'up' | 'down') => {
    const here = places.get(selected);
    const first = [...places].sort(([, a], [, b]) => a.x - b.x || a.y - b.y)[0]?.[0];
    if (!here) return first !== undefined && show(first);
    const related = way === 'left' || way === 'right' ? along(way) : column(way, here);
    const nearest = related
      .map((key) => ({ key, at: places.get(key) }))
      .sort((a, b) => Math.abs((a.at?.y ?? 0) - here.y) - Math.abs((b.at?.y ?? 0) - here.y))[0];
    return nearest && show(nearest.key);
  };
  const along = (way: 'left' | 'right') =>
    graph.edges
      .filter((edge) => (way === 'left' ? edge.to : edge.from) === selected)
      .map((edge) => (way === 'left' ? edge.from : edge.to));
  const column = (way: 'up' | 'down', here: { x: number; y: number }) =>
    [...places]
      .filter(([, at]) => at.x === here.x && (way === 'up' ? at.y < here.y : at.y > here.y))
      .map(([key]) => key);
  const show = (key: string) => {
    onSelect(key);
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus(),
    );
  };
  useShortcuts({
    ArrowLeft: () => go('left'),
    ArrowRight: () => go('right'),
    ArrowUp: () => go('up'),
    ArrowDown: () => go('down'),
  });
}
