// The traces, one line each; only the lines in view are in the document, and more come when the end is near.
import { useElementScrollRestoration } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Suspense, lazy, useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import type { EpochMs } from '../../lib/units.ts';
import { SORTS, annotationOf, columnOf, fitting, gridOf } from '../../model/traces.ts';
import type { Sort, TraceRow } from '../../model/traces.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useLive } from '../live.tsx';
import { useRoom } from '../room.ts';
import { useDwell } from './dwell.ts';
import { Line } from './line.tsx';
import style from './list.module.css';
import type { ChangeList, ListValues } from './params.ts';

const DENSE_ROW = 28;
const WIDE_ROW = 36;
/** How many rows before the end more are asked for. */
const AHEAD = 30;
const SCROLL = 'traces';

const Preview = lazy(() => import('./preview.tsx'));

interface Props {
  rows: readonly TraceRow[];
  total: number;
  values: ListValues;
  change: ChangeList;
  now: EpochMs;
  hasMore: boolean;
  isMore: boolean;
  more: () => void;
}

export function List({ rows, total, values, change, now, hasMore, isMore, more }: Props) {
  const words = useWords();
  const clock = useClock();
  const { isDense } = usePreferences();
  const height = isDense ? DENSE_ROW : WIDE_ROW;
  const scroll = useRef<HTMLDivElement>(null);
  const restored = useElementScrollRestoration({ id: SCROLL });
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 12,
    initialOffset: restored?.scrollY ?? 0,
  });
  useEffect(() => lines.measure(), [lines, height]);
  const shown = lines.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isMore && lastShown >= rows.length - AHEAD) more();
  }, [hasMore, isMore, lastShown, rows.length, more]);
  useSteps(rows.length, (index) => lines.scrollToIndex(index), scroll);
  const dwell = useDwell();
  const columns = fitting(values.cols, useRoom());
  const grid = gridOf(columns);
  return (
    <section className={`card ${style['list']}`} aria-label={words('traces.title')}>
      <Fresh scroll={scroll} />
      <div
        ref={scroll}
        className={style['scroll']}
        role="table"
        aria-rowcount={total + 1}
        data-scroll-restoration-id={SCROLL}
        onScroll={dwell.leave}
      >
        <Head values={values} columns={columns} change={change} grid={grid} />
        <div
          role="rowgroup"
          style={{ height: lines.getTotalSize(), position: 'relative' }}
          onPointerOver={dwell.over}
          onPointerLeave={dwell.leave}
        >
          {shown.map(({ index, start }) => {
            const row = rows[index];
            return (
              row && (
                <Line
                  key={row.id}
                  row={row}
                  index={index}
                  columns={columns}
                  place={{ y: start, height, grid }}
                  now={now}
                  clock={clock}
                />
              )
            );
          })}
        </div>
      </div>
      <footer className={style['foot']}>
        {words('traces.loaded', { shown: rows.length, total })}
        {isMore && <span role="status">{words('state.loading')}</span>}
      </footer>
      <Suspense fallback={null}>{dwell.at && <Preview {...dwell.at} />}</Suspense>
    </section>
  );
}

/** Lets keys walk from row to row. */
function useSteps(
  count: number,
  show: (index: number) => void,
  scroll: RefObject<HTMLElement | null>,
): void {
  const step = (by: 1 | -1) => {
    const at = document.activeElement?.getAttribute('data-index') ?? null;
    const next = Math.min(count - 1, Math.max(0, at === null ? 0 : Number(at) + by));
    show(next);
    requestAnimationFrame(() =>
      scroll.current
        ?.querySelector<HTMLElement>(`[data-index="${next}"]`)
        ?.focus({ preventScroll: true }),
    );
  };
  useShortcuts({ KeyJ: () => step(1), KeyK: () => step(-1) });
}

/** What came in live mode while the list was held still: under the pointer, or scrolled down. */
function Fresh({ scroll }: { scroll: RefObject<HTMLDivElement | null> }) {
  const words = useWords();
  const { status, fresh, hold, show } = useLive();
  const isLive = status !== 'off';
  useEffect(() => {
    const element = scroll.current;
    if (!isLive || !element) return undefined;
    const enter = () => hold('rows', true);
    const leave = () => hold('rows', false);
    const moved = () => hold('scroll', element.scrollTop > 0);
    element.addEventListener('pointerenter', enter);
    element.addEventListener('pointerleave', leave);
    element.addEventListener('scroll', moved, { passive: true });
    moved();
    // Whoever went live with the pointer here does not enter.
    hold('rows', element.matches(':hover'));
    return () => {
      element.removeEventListener('pointerenter', enter);
      element.removeEventListener('pointerleave', leave);
      element.removeEventListener('scroll', moved);
      leave();
      hold('scroll', false);
    };
  }, [isLive, hold, scroll]);
  if (fresh === 0 || status !== 'paused') return null;
  return (
    <button
      type="button"
      className={`button primary ${style['fresh']}`}
      onClick={() => {
        scroll.current?.scrollTo(0, 0);
        show();
      }}
    >
      <ArrowUp size={14} aria-hidden="true" />
      {words('traces.fresh', { count: fresh })}
    </button>
  );
}

interface HeadProps {
  values: ListValues;
  columns: readonly string[];
  change: ChangeList;
  grid: string;
}

function Head({ values, columns, change, grid }: HeadProps) {
  return (
    <div
      className={`${style['row']} ${style['head']}`}
      role="row"
      style={{ gridTemplateColumns: grid }}
    >
      {columns.map((name) => (
        <HeadCell
          key={name}
          name={name}
          sort={values.sort}
          onSort={(sort) => change({ sort }, 'push')}
        />
      ))}
    </div>
  );
}

function HeadCell(props: { name: string; sort: Sort; onSort: (sort: Sort) => void }) {
  const words = useWords();
  const { name, sort, onSort } = props;
  const { isNumber, sorts } = columnOf(name);
  const at = sorts?.indexOf(sort) ?? -1;
  const label = annotationOf(name) ?? words(`traces.${name}`);
  const Arrow = at === 0 ? ArrowDown : ArrowUp;
  const next = sorts?.[at === 0 ? 1 : 0] ?? SORTS[0];
  return (
    <span
      role="columnheader"
      className={isNumber ? 'number' : 'cut'}
      aria-sort={at < 0 ? undefined : at === 0 ? 'descending' : 'ascending'}
    >
      {sorts ? (
        <button type="button" className={style['sort']} onClick={() => onSort(next)}>
          {label}
          {at >= 0 && <Arrow size={12} aria-hidden="true" />}
        </button>
      ) : (
        label
      )}
    </span>
  );
}
