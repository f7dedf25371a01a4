// The traces, one line each; only the lines in view are in the document.
import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { ago, dateTime, duration } from '../../lib/format.ts';
import type { Clock } from '../../lib/format.ts';
import type { EpochMs } from '../../lib/units.ts';
import { pathOf } from '../../model/document.ts';
import type { Summary } from '../../model/summary.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { Glyph } from '../glyph.tsx';
import style from './page.module.css';

const ROW = 30;
const COLUMNS = [
  'status',
  'id',
  'started',
  'response',
  'request',
  'entry',
  'user',
  'cause',
] as const;

export function List({ summaries, now }: { summaries: readonly Summary[]; now: EpochMs }) {
  const words = useWords();
  const clock = useClock();
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: summaries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const step = (by: 1 | -1) => {
    const at = document.activeElement?.getAttribute('data-index');
    const next = Math.min(
      summaries.length - 1,
      Math.max(0, at === null || at === undefined ? 0 : Number(at) + by),
    );
    rows.scrollToIndex(next);
    requestAnimationFrame(() =>
      scroll.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus(),
    );
  };
  useShortcuts({ KeyJ: () => step(1), KeyK: () => step(-1) });
  return (
    <section className={`card ${style['list']}`} aria-label={words('traces.title')}>
      <div
        ref={scroll}
        className={style['scroll']}
        role="table"
        aria-rowcount={summaries.length + 1}
      >
        <div className={`${style['row']} ${style['headrow']}`} role="row">
          {COLUMNS.map((name) => (
            <span
              key={name}
              role="columnheader"
              className={name === 'response' ? 'number' : undefined}
            >
              {words(`traces.${name}`)}
            </span>
          ))}
        </div>
        <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((item) => {
            const one = summaries[item.index];
            return (
              one && (
                <Line
                  key={one.id}
                  one={one}
                  index={item.index}
                  y={item.start}
                  now={now}
                  clock={clock}
                />
              )
            );
          })}
        </div>
      </div>
    </section>
  );
}

function Line({
  one,
  index,
  y,
  now,
  clock,
}: {
  one: Summary;
  index: number;
  y: number;
  now: EpochMs;
  clock: Clock;
}) {
  const words = useWords();
  return (
    <div
      role="row"
      className={`${style['row']} ${style['line']}`}
      aria-rowindex={index + 2}
      data-outcome={one.outcome}
      style={{ transform: `translateY(${y}px)` }}
    >
      <span role="cell" className={style['status']}>
        <Glyph outcome={one.outcome} named />
        {one.status ?? words(`status.${one.outcome}`)}
        {one.isPartial && <span className="badge">{words('traces.partial')}</span>}
      </span>
      <span role="cell" className="mono" title={one.id}>
        <Link
          to={'/traces/$id' as never}
          params={{ id: one.id } as never}
          search={((before: Record<string, string>) => before) as never}
          data-index={index}
          preload={false}
        >
          {one.id.slice(0, 10)}-{one.id.slice(11, 19)}…
        </Link>
      </span>
      <span role="cell" className="cut" title={dateTime(one.startedAt, clock)}>
        {ago(one.startedAt, now, clock.language)}
      </span>
      <span role="cell" className="number">
        {duration(one.responseTime)}
      </span>
      <span role="cell" className={style['request']} title={one.url}>
        <span className="quiet">{one.method}</span>
        <span className="cut">{pathOf(one.url)}</span>
      </span>
      <span role="cell" className="cut">
        {one.entry}
      </span>
      <span role="cell" className="cut">
        {one.user}
      </span>
      <span role="cell" className="cut" title={one.cause}>
        {one.cause}
      </span>
    </div>
  );
}
