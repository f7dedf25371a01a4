// Time across, response time up, shade for how many; a box dragged on it goes into a set.
import { useCallback, useMemo, useState } from 'react';
import { drawHeatmap } from '../../draw/heatmap.ts';
import { duration } from '../../lib/format.ts';
import { logTicks, timeLabels, timeTicks } from '../../lib/ticks.ts';
import type { Heatmap } from '../../model/analytics.ts';
import { barAt } from '../../model/chart.ts';
import { boxAround, boxOf, cellAt, cellsOf, moved, touched } from '../../model/heatbox.ts';
import type { Box, Cell, Cells, Choice } from '../../model/heatbox.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { Unkept } from '../kept.tsx';
import { usePicture } from '../picture.ts';
import style from './analytics.module.css';
import type { Common } from './page.tsx';
import { changeOf, setOf } from './params.ts';

export function Heat(props: Common) {
  const { answer, values, change, chosen } = props;
  const words = useWords();
  const heatmap = answer.heatmap;
  const isOfA = values.heat === 'a' && chosen.a;
  const take = (cells: Cells) =>
    change(
      changeOf(values.set, {
        window: { from: cells.from, to: cells.to },
        span: [Number((cells.low / 1e3).toFixed(6)), Number((cells.high / 1e3).toFixed(6))],
      }),
      'push',
    );
  return (
    <section className={`card ${style['heat']}`} aria-label={words('analytics.heatmap')}>
      <header>
        <h2>{words('analytics.heatmap')}</h2>
        <span className="quiet">{words('analytics.box', { name: values.set })}</span>
        <span className={style['spring']} />
        {chosen.a && (
          <div className="segments" role="group" aria-label={words('analytics.heatOf')}>
            {(['all', 'a'] as const).map((one) => (
              <button
                key={one}
                type="button"
                className="button"
                aria-pressed={values.heat === one}
                onClick={() => change({ heat: one })}
              >
                {one === 'all' ? words('analytics.all') : 'A'}
              </button>
            ))}
          </div>
        )}
      </header>
      {heatmap && heatmap.edges.length > 1 && (
        <Field
          heatmap={heatmap}
          isOfA={isOfA}
          chosen={setOf(values, values.set)}
          onTake={take}
          onClear={() => change(changeOf(values.set, { window: null, span: null }), 'push')}
        />
      )}
    </section>
  );
}

interface FieldProps {
  heatmap: Heatmap;
  isOfA: boolean;
  chosen: ReturnType<typeof setOf>;
  onTake: (cells: Cells) => void;
  onClear: () => void;
}

function Field({ heatmap, isOfA, chosen, onTake, onClear }: FieldProps) {
  const words = useWords();
  const canvas = useDrawn(heatmap, isOfA);
  const [box, setBox] = useState<Box>();
  const [pointed, point] = useState<readonly [number, number]>();
  const [choice, choose] = useState<Choice>();
  const place = (event: React.PointerEvent): readonly [number, number] => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect();
    const inside = (share: number) => Math.min(1, Math.max(0, share));
    return [inside((event.clientX - left) / width), inside((event.clientY - top) / height)];
  };
  const commit = () => {
    if (box && Math.abs(box.x1 - box.x0) + Math.abs(box.y1 - box.y0) > 0.01)
      onTake(cellsOf(heatmap, touched(heatmap, box)));
    setBox(undefined);
  };
  const press = (event: React.KeyboardEvent) => {
    const next = moved(heatmap, choice, event.key, event.shiftKey);
    if (next) choose(next);
    else if (event.key === 'Enter' && choice) onTake(cellsOf(heatmap, choice));
    else if (event.key === 'Escape' && (choice || chosen.window || chosen.span)) {
      choose(undefined);
      onClear();
    } else return;
    event.preventDefault();
  };
  const ofKeys = choice && boxAround(heatmap, choice);
  const shown = box ?? ofKeys ?? boxOf(heatmap, chosen.span, chosen.window);
  const at = pointed ?? (choice && middleOf(heatmap, choice.at));
  return (
    <div className={style['field']}>
      <Scale heatmap={heatmap} />
      <div
        className={style['cells']}
        role="group"
        tabIndex={0}
        aria-label={`${words('analytics.heatmapText')} ${words('analytics.heatmapKeys')}`}
        onKeyDown={press}
        onBlur={() => choose(undefined)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const [x, y] = place(event);
          setBox({ x0: x, y0: y, x1: x, y1: y });
        }}
        onPointerMove={(event) => {
          const [x, y] = place(event);
          point([x, y]);
          if (box) setBox({ ...box, x1: x, y1: y });
        }}
        onPointerLeave={() => point(undefined)}
        onPointerUp={commit}
        onDoubleClick={onClear}
      >
        <canvas ref={canvas} aria-hidden="true" />
        <Unkept window={{ from: heatmap.times[0] ?? 0, to: heatmap.times.at(-1) ?? 1 }} />
        {shown && <BoxMark box={shown} />}
        {at && !box && <Tip heatmap={heatmap} at={at} isSaid={pointed === undefined} />}
      </div>
      <Times heatmap={heatmap} />
    </div>
  );
}

/** Returns the canvas on which the cells are drawn. */
function useDrawn(heatmap: Heatmap, isOfA: boolean) {
  const { theme } = usePreferences();
  return usePicture(
    useCallback(
      (element: HTMLCanvasElement) => {
        drawHeatmap(element, isOfA ? heatmap.a : heatmap.all, isOfA ? '--A' : '--accent');
        // By another theme colours are others.
        // oxlint-disable-next-line exhaustive-deps
      },
      [heatmap, isOfA, theme],
    ),
  );
}

function middleOf(heatmap: Heatmap, at: Cell): readonly [number, number] {
  const { x0, x1, y0, y1 } = boxAround(heatmap, { from: at, at });
  return [(x0 + x1) / 2, (y0 + y1) / 2];
}

function BoxMark({ box }: { box: Box }) {
  const [left, right] = [Math.min(box.x0, box.x1), Math.max(box.x0, box.x1)];
  const [top, bottom] = [Math.min(box.y0, box.y1), Math.max(box.y0, box.y1)];
  const part = (share: number) => `${share * 100}%`;
  return (
    <span
      className={style['box']}
      style={{
        left: part(left),
        top: part(top),
        width: part(right - left),
        height: part(bottom - top),
      }}
    />
  );
}

interface TipProps {
  heatmap: Heatmap;
  at: readonly [number, number];
  /** Whether those who do not see it hear it. */
  isSaid: boolean;
}

function Tip({ heatmap, at, isSaid }: TipProps) {
  const words = useWords();
  const clock = useClock();
  const { times, edges, all, a } = heatmap;
  const { column, row } = cellAt(heatmap, at[0], at[1]);
  const time = timeLabels([times[column] ?? 0], 1e3, clock)[0];
  return (
    <span
      className={style['tip']}
      role={isSaid ? 'status' : undefined}
      data-side={at[0] > 0.6 ? 'left' : 'right'}
      style={{ left: `${at[0] * 100}%`, top: `${at[1] * 100}%` }}
    >
      {time} · {duration(edges[row] ?? 0)} – {duration(edges[row + 1] ?? 0)}
      <br />
      {words('analytics.traces', { count: all[column]?.[row] ?? 0 })} · A {a[column]?.[row] ?? 0}
    </span>
  );
}

/** The response times along the left side. */
function Scale({ heatmap: { edges } }: { heatmap: Heatmap }) {
  const marks = useMemo(
    () => logTicks(Math.max(edges[0] ?? 1, 1e-3), edges.at(-1) ?? 1, 6),
    [edges],
  );
  const rows = edges.length - 1;
  return (
    <div className={style['scale']} aria-hidden="true">
      {marks.map((ms) => (
        <span key={ms} style={{ bottom: `${(placeOf(edges, ms) / rows) * 100}%` }}>
          {duration(ms)}
        </span>
      ))}
    </div>
  );
}

/** Returns where a time stands among the rows, with the part of a row. */
function placeOf(edges: readonly number[], ms: number): number {
  const row = barAt(edges, ms);
  const [from, to] = [edges[row] ?? 1, edges[row + 1] ?? 1];
  return row + (to > from ? (ms - from) / (to - from) : 0);
}

function Times({ heatmap: { times } }: { heatmap: Heatmap }) {
  const clock = useClock();
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 1];
  const marks = timeTicks(from, to, 6, clock);
  const labels = timeLabels(marks, (marks[1] ?? 0) - (marks[0] ?? 0), clock);
  return (
    <div className={style['times']} aria-hidden="true">
      {marks.map((at, index) => (
        <span key={at} style={{ left: `${((at - from) / (to - from)) * 100}%` }}>
          {labels[index]}
        </span>
      ))}
    </div>
  );
}
