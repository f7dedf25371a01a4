// The trace as boxes below each other: when work ran, or how much time each name took.
import { useCallback, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { FLAME_ROW, drawFlame } from '../../draw/flame.ts';
import { axisStep, duration, percent } from '../../lib/format.ts';
import { boxAt, byName, byTime } from '../../model/flame.ts';
import type { Box } from '../../model/flame.ts';
import { matches } from '../../model/rows.ts';
import type { Trace } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useUrl } from '../../state/url.ts';
import { usePicture } from '../picture.ts';
import { Segments } from '../segments.tsx';
import { Details } from './details.tsx';
import { FindBox } from './find.tsx';
import { PARAMS } from './params.ts';
import style from './page.module.css';

export function FlameView({ trace, views }: { trace: Trace; views: ReactNode }) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const { fl, seg, z, find } = values;
  const boxes = useMemo(() => (fl === 'time' ? byTime(trace) : byName(trace)), [trace, fl]);
  const whole = useMemo(() => boxes.reduce((end, box) => Math.max(end, box.to), 1e-3), [boxes]);
  const [from, to] = z ?? [0, whole];
  const selected = boxes.find((box) => box.work.id === seg) ?? boxes[0];
  const select = (box: Box | undefined) => change({ seg: box?.work.id ?? '' });
  const zoom = (box: Box | undefined) =>
    change({
      z: box && box.to > box.from && box.to - box.from < whole ? [box.from, box.to] : null,
    });
  useFlameKeys(boxes, selected, select, zoom);
  return (
    <div className={style['timeline']}>
      <div className={style['tools']}>
        {views}
        <Segments
          label={words('trace.order')}
          segments={[
            { value: 'time', label: words('trace.byTime') },
            { value: 'name', label: words('trace.byName') },
          ]}
          value={fl}
          onPick={(one) => change({ fl: one, z: null })}
        />
        <FindBox />
        {z && (
          <button type="button" className="button" onClick={() => change({ z: null })}>
            {words('trace.resetZoom')}
          </button>
        )}
      </div>
      <div className={style['panes']}>
        <section className={`card ${style['chart']}`}>
          <Ruler from={from} to={to} />
          <Field
            boxes={boxes}
            from={from}
            to={to}
            find={find}
            selected={selected}
            whole={whole}
            onSelect={select}
            onZoom={zoom}
          />
        </section>
        <Details trace={trace} work={selected?.work} />
      </div>
    </div>
  );
}

function Ruler({ from, to }: { from: number; to: number }) {
  const step = axisStep(to - from, 7);
  const marks: number[] = [];
  for (
    let at = Math.ceil(from / step) * step;
    at < to - (to - from) * 0.05 && marks.length < 20;
    at += step
  )
    marks.push(at);
  return (
    <div className={style['ruler']} aria-hidden="true">
      {marks.map((at) => (
        <span key={at} style={{ left: `${((at - from) / Math.max(to - from, 1e-9)) * 100}%` }}>
          {duration(Math.round(at * 1e6) / 1e6)}
        </span>
      ))}
    </div>
  );
}

interface FieldProps {
  boxes: readonly Box[];
  from: number;
  to: number;
  find: string;
  selected: Box | undefined;
  whole: number;
  onSelect: (box: Box | undefined) => void;
  onZoom: (box: Box | undefined) => void;
}

function Field({ boxes, from, to, find, selected, whole, onSelect, onZoom }: FieldProps) {
  const words = useWords();
  const { theme } = usePreferences();
  const [hover, setHover] = useState<{ box: Box; x: number; y: number }>();
  const depth = useMemo(() => boxes.reduce((most, box) => Math.max(most, box.depth), 0), [boxes]);
  const chosen = selected?.work.id ?? '';
  const canvas = usePicture(
    useCallback(
      (element: HTMLCanvasElement) => {
        const isDimmed = (box: Box) => find !== '' && !matches(box.work, find);
        drawFlame(element, { boxes, from, to, chosen, isDimmed });
        // By another theme colours are others.
        // oxlint-disable-next-line exhaustive-deps
      },
      [boxes, from, to, chosen, find, theme],
    ),
  );
  const at = (event: React.MouseEvent) => {
    const { left, top, width } = event.currentTarget.getBoundingClientRect();
    const time = from + ((event.clientX - left) / width) * (to - from);
    return boxAt(boxes, Math.floor((event.clientY - top) / FLAME_ROW), time);
  };
  return (
    <div className={style['flame']} role="group" tabIndex={0} aria-label={words('trace.flameText')}>
      <div
        className={style['boxes']}
        style={{ height: (depth + 1) * FLAME_ROW }}
        onClick={(event) => onSelect(at(event))}
        onDoubleClick={(event) => onZoom(at(event))}
        onMouseMove={(event) => {
          const box = at(event);
          const { left, top } = event.currentTarget.getBoundingClientRect();
          setHover(box && { box, x: event.clientX - left, y: event.clientY - top });
        }}
        onMouseLeave={() => setHover(undefined)}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {hover && <Tip {...hover} whole={whole} />}
      </div>
      <p className="hidden" role="status">
        {selected && said(selected, whole)}
      </p>
    </div>
  );
}

function said({ work, count, from, to }: Box, whole: number): string {
  const name = [work.name, work.operation].filter(Boolean).join(' ');
  return `${name}${count > 1 ? ` × ${count}` : ''}, ${duration(to - from)}, ${percent((to - from) / whole)}`;
}

function Tip({ box, x, y, whole }: { box: Box; x: number; y: number; whole: number }) {
  const words = useWords();
  return (
    <div className={style['tip']} style={{ left: x, top: y }}>
      <strong>{said(box, whole)}</strong>
      <div className="quiet">
        {box.work.service} · {words('trace.self')} {duration(box.self)}
      </div>
    </div>
  );
}

/** Arrows walk: up to the caller, down to the called, aside along a row; Enter looks closer. */
function useFlameKeys(
  boxes: readonly Box[],
  selected: Box | undefined,
  select: (box: Box | undefined) => void,
  zoom: (box: Box | undefined) => void,
): void {
  const middle = selected ? (selected.from + selected.to) / 2 : 0;
  const aside = (by: 1 | -1) => {
    const row = boxes
      .filter((box) => box.depth === selected?.depth)
      .sort((a, b) => a.from - b.from);
    return row[row.indexOf(selected as Box) + by];
  };
  const below = () => {
    const row = boxes.filter((box) => box.depth === (selected?.depth ?? -1) + 1);
    const inside = row.filter(
      (box) => selected && box.to >= selected.from && box.from <= selected.to,
    );
    return inside.sort((a, b) => b.to - b.from - (a.to - a.from))[0];
  };
  const go = (box: Box | undefined) => box && select(box);
  useShortcuts({
    ArrowUp: () => go(selected && boxAt(boxes, selected.depth - 1, middle)),
    ArrowDown: () => go(below()),
    ArrowLeft: () => go(aside(-1)),
    ArrowRight: () => go(aside(1)),
    KeyZ: () => zoom(selected),
    'Shift+KeyZ': () => zoom(undefined),
  });
}
