// The whole map in a corner, and which part of it is seen. Pressing it goes there.
import { useEffect, useRef } from 'react';
import type { PointerEvent } from 'react';
import { boxOf, centred } from '../../draw/camera.ts';
import { paintOf } from '../../draw/map.ts';
import type { Graph } from '../../model/graph.ts';
import { CARD } from '../../model/layout.ts';
import type { Places } from '../../model/layout.ts';
import { markOf } from '../../model/marks.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import style from './map.module.css';
import type { Stage } from './stage.ts';

const MOST = { width: 200, height: 130 } as const;

export function Minimap({ graph, places, stage }: { graph: Graph; places: Places; stage: Stage }) {
  const words = useWords();
  const { theme } = usePreferences();
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = boxOf(places);
  const unit = Math.min(MOST.width / (box.right - box.left), MOST.height / (box.bottom - box.top));
  const size = { width: (box.right - box.left) * unit, height: (box.bottom - box.top) * unit };
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context) return;
    const paint = paintOf(canvas.current);
    const density = window.devicePixelRatio || 1;
    [canvas.current.width, canvas.current.height] = [size.width * density, size.height * density];
    context.scale(density * unit, density * unit);
    context.translate(-box.left, -box.top);
    for (const node of graph.nodes) {
      const at = places.get(node.key);
      const mark = markOf(node);
      context.fillStyle = mark === 'ok' ? paint.line : paint.status[mark];
      if (at) context.fillRect(at.x, at.y, CARD.width, CARD.height);
    }
  }, [graph, places, theme, unit, size.width, size.height, box.left, box.top]);
  const go = (event: PointerEvent) => {
    const bounds = canvas.current?.getBoundingClientRect();
    const camera = stage.camera();
    const stageBox = stage.box.current;
    if (event.buttons !== 1 || !bounds || !camera || !stageBox) return;
    const point = {
      x: box.left + (event.clientX - bounds.left) / unit,
      y: box.top + (event.clientY - bounds.top) / unit,
    };
    const view = { width: stageBox.clientWidth, height: stageBox.clientHeight };
    stage.set(centred(point, camera.scale, view));
  };
  return (
    <div
      className={style['minimap']}
      title={words('map.minimap')}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      <div className={style['whole']} style={size}>
        <canvas ref={canvas} style={size} aria-hidden="true" />
        <div ref={stage.minimap} data-unit={unit} className={style['seen']} />
      </div>
    </div>
  );
}
