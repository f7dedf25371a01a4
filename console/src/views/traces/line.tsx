// One trace in the list. The whole line is a link; what can be copied lies above it.
import { Link } from '@tanstack/react-router';
import { Copy } from 'lucide-react';
import { memo } from 'react';
import type { ReactNode } from 'react';
import { ago, dateTime, duration, timeOfDay } from '../../lib/format.ts';
import type { Clock } from '../../lib/format.ts';
import type { CssPixels, EpochMs } from '../../lib/units.ts';
import { annotationText } from '../../model/csv.ts';
import { pathOf } from '../../model/document.ts';
import { annotationOf, columnOf, outcomeOfRow } from '../../model/traces.ts';
import type { TraceRow } from '../../model/traces.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import { copy } from '../toasts.tsx';
import style from './list.module.css';

/** How many annotations are named in their column. */
const ANNOTATIONS_MAX = 3;

interface Props {
  row: TraceRow;
  index: number;
  columns: readonly string[];
  place: { y: CssPixels; height: CssPixels; grid: string };
  now: EpochMs;
  clock: Clock;
}

export const Line = memo(function Line({ row, index, columns, place, now, clock }: Props) {
  const outcome = outcomeOfRow(row);
  return (
    <div
      role="row"
      className={`${style['row']} ${style['line']}`}
      aria-rowindex={index + 2}
      data-outcome={outcome}
      data-id={row.id}
      style={{
        gridTemplateColumns: place.grid,
        height: place.height,
        transform: `translateY(${place.y}px)`,
      }}
    >
      {columns.map((name, at) => (
        <Cell
          key={name}
          name={name}
          row={row}
          now={now}
          clock={clock}
          link={at === 0 || name === 'id' ? index : undefined}
          isMain={name === 'id' || (at === 0 && !columns.includes('id'))}
        />
      ))}
    </div>
  );
});

interface CellProps {
  name: string;
  row: TraceRow;
  now: EpochMs;
  clock: Clock;
  link: number | undefined;
  /** Whether the link of the line is here. */
  isMain: boolean;
}

function Cell({ name, row, now, clock, link, isMain }: CellProps) {
  const content = <Content name={name} row={row} now={now} clock={clock} />;
  const kind = columnOf(name).isNumber ? 'number' : 'cut';
  return (
    <span role="cell" className={`${kind} ${style[name] ?? ''}`} title={titleOf(name, row, clock)}>
      {isMain && link !== undefined ? (
        <Link
          to={'/traces/$id' as never}
          params={{ id: row.id } as never}
          search={scopeOnly as never}
          className={style['link']}
          data-index={link}
          preload={false}
        >
          {content}
        </Link>
      ) : (
        content
      )}
      {name === 'id' && <CopyId id={row.id} />}
    </span>
  );
}

/** What the list has of its own means nothing to a trace; the way back is in the history. */
function scopeOnly({ t, g, q, live }: Record<string, string>): Record<string, string | undefined> {
  return { t, g, q, live };
}

function CopyId({ id }: { id: string }) {
  const words = useWords();
  return (
    <button
      type="button"
      className={`button plain ${style['copy']}`}
      tabIndex={-1}
      aria-label={words('traces.copyId')}
      title={words('traces.copyId')}
      onClick={() => void copy(id, words('traces.idCopied'))}
    >
      <Copy size={13} />
    </button>
  );
}

function titleOf(name: string, row: TraceRow, clock: Clock): string | undefined {
  if (name === 'started' || name === 'time') return dateTime(row.start / 1e3, clock);
  if (name === 'id') return row.id;
  if (name === 'request') return row.url ?? undefined;
  if (name === 'cause') return row.cause?.message ?? undefined;
  if (name === 'agent') return row.userAgent ?? undefined;
  if (name === 'user') return row.users.join('\n') || undefined;
  if (name === 'annotations') return annotationLines(row).join('\n') || undefined;
  return undefined;
}

function annotationLines(row: TraceRow): string[] {
  return Object.keys(row.annotations).map((key) => `${key}: ${annotationText(row, key)}`);
}

function Content(props: { name: string; row: TraceRow; now: EpochMs; clock: Clock }): ReactNode {
  const { name, row, now, clock } = props;
  const time = (micros: number | null) => (micros === null ? '–' : duration(micros / 1e3));
  switch (name) {
    case 'status':
      return <StatusCell row={row} />;
    case 'id':
      return `${row.id.slice(0, 10)}-${row.id.slice(11, 17)}…`;
    case 'started':
      return ago(row.start / 1e3, now, clock.language);
    case 'time':
      return timeOfDay(row.start / 1e3, clock);
    case 'response':
      return time(row.responseTime);
    case 'duration':
      return time(row.duration);
    case 'request':
      return (
        <>
          <span className={style['method']}>{row.method}</span>
          <span className="cut">{row.url === null ? '' : pathOf(row.url)}</span>
        </>
      );
    case 'entry':
      return row.entry?.name;
    case 'user':
      return row.users.join(', ');
    case 'client':
      return row.clientIp;
    case 'agent':
      return row.userAgent;
    case 'annotations':
      return <Annotations row={row} />;
    case 'cause':
      return [row.cause?.service.name, row.cause?.exception].filter(Boolean).join(' · ');
    case 'nodes':
      return row.nodes;
    default:
      return annotationText(row, annotationOf(name) ?? '');
  }
}

function StatusCell({ row }: { row: TraceRow }) {
  const words = useWords();
  const outcome = outcomeOfRow(row);
  return (
    <span className={style['statusline']}>
      <Glyph outcome={outcome} named />
      {/* What is not over is not well yet. */}
      {row.httpStatus ??
        (row.isPartial && outcome === 'ok' ? '' : words('traces.short', { outcome }))}
      {row.isPartial && <span className="badge">{words('traces.partial')}</span>}
    </span>
  );
}

function Annotations({ row }: { row: TraceRow }) {
  const keys = Object.keys(row.annotations);
  const more = keys.length - ANNOTATIONS_MAX;
  return (
    <>
      {keys.slice(0, ANNOTATIONS_MAX).map((key) => (
        <span key={key} className={style['annotation']}>
          <span className="quiet">{key}</span> {annotationText(row, key)}
        </span>
      ))}
      {more > 0 && <span className="quiet">+{more}</span>}
    </>
  );
}
