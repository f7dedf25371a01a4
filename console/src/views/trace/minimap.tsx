// The whole trace above the rows; dragging on it zooms.
import { useCallback, useState } from 'react';
import { drawMinimap, spanOf } from '../../draw/minimap.ts';
import type { Trace } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { usePicture } from '../picture.ts';
import style from './page.module.css';

interface Props {
  trace: Trace;
  zoom: readonly [number, number] | null;
  onZoom: (to: readonly [number, number] | null) => void;
}

export function Minimap({ trace, zoom, onZoom }: Props) {
  const words = useWords();
  const { theme } = usePreferences();
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const canvas = usePicture(
    useCallback(
      (element: HTMLCanvasElement) => {
        drawMinimap(element, trace);
        // By another theme colours are others.
        // oxlint-disable-next-line exhaustive-deps
      },
      [trace, theme],
    ),
  );
  const x = (event: React.PointerEvent) =>
    event.clientX - event.currentTarget.getBoundingClientRect().left;
  const share = (ms: number) => `${trace.length > 0 ? (ms / trace.length) * 100 : 0}%`;
  const width = canvas.current?.clientWidth ?? 1;
  const shown = drag ? spanOf(drag[0], drag[1], width, trace.length) : zoom;
  return (
    <div
      className={style['minimap']}
      role="img"
      aria-label={words('trace.minimap')}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag([x(event), x(event)]);
      }}
      onPointerMove={(event) => drag && setDrag([drag[0], x(event)])}
      onPointerUp={() => {
        if (shown && drag) onZoom(shown);
        setDrag(null);
      }}
      onDoubleClick={() => onZoom(null)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {shown && (
        <>
          <div className={style['shade']} style={{ left: 0, width: share(shown[0]) }} />
          <div className={style['shade']} style={{ left: share(shown[1]), right: 0 }} />
        </>
      )}
    </div>
  );
}
