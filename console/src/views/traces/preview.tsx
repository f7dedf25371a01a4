// A trace in a few lines, beside the row under the pointer.
import { useQuery } from '@tanstack/react-query';
import { traceQuery } from '../../api/queries.ts';
import { duration } from '../../lib/format.ts';
import { rowsOf } from '../../model/rows.ts';
import type { Row } from '../../model/rows.ts';
import type { Trace } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import type { Dwelling } from './dwell.ts';
import style from './preview.module.css';

const ROWS_MAX = 12;
const ROW = 18;
const WIDTH = 460;
const EDGE = 12;
const NONE: ReadonlySet<string> = new Set();

export default function Preview({ id, top, bottom, x }: Dwelling) {
  const { data } = useQuery({ ...traceQuery(id), staleTime: 60_000 });
  if (!data) return null;
  const rows = rowsOf(data.trace, { collapsed: NONE, unfolded: NONE, find: '' });
  const height = Math.min(rows.length, ROWS_MAX) * ROW + 56;
  const isAbove = bottom + height + EDGE > innerHeight;
  const left = Math.max(EDGE, Math.min(x - 40, innerWidth - WIDTH - EDGE));
  return (
    <div
      className={style['preview']}
      aria-hidden="true"
      style={{
        left,
        width: WIDTH,
        ...(isAbove ? { bottom: innerHeight - top + 4 } : { top: bottom + 4 }),
      }}
    >
      <Shown trace={data.trace} rows={rows} />
    </div>
  );
}

function Shown({ trace, rows }: { trace: Trace; rows: readonly Row[] }) {
  const words = useWords();
  const more = rows.length - ROWS_MAX;
  return (
    <>
      <header>
        <strong className="cut">{trace.roots[0]?.name}</strong>
        <span className="quiet">
          {words('traces.previewOf', { segments: trace.segmentCount, works: trace.works.length })}
        </span>
        <span className={style['length']}>{duration(trace.length)}</span>
      </header>
      {rows.slice(0, ROWS_MAX).map((row) => (
        <Bar key={row.key} row={row} whole={trace.length} />
      ))}
      {more > 0 && <p className="quiet">{words('traces.previewMore', { count: more })}</p>}
    </>
  );
}

function Bar({ row, whole }: { row: Row; whole: number }) {
  const share = (time: number) => `${whole > 0 ? (time / whole) * 100 : 0}%`;
  const { work } = row;
  return (
    <div className={style['row']} style={{ height: ROW }}>
      <span className="cut" style={{ paddingLeft: Math.min(row.depth, 6) * 10 }}>
        <Glyph outcome={work.outcome} />
        {work.name}
        {row.count > 1 && <span className="quiet"> ×{row.count}</span>}
      </span>
      <span className={style['lane']}>
        <span
          className={work.outcome === 'ok' ? style['bar'] : `fill-${work.outcome}`}
          style={{ left: share(work.start), width: `max(2px, ${share(row.length)})` }}
        />
      </span>
    </div>
  );
}
