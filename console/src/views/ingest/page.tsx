// What comes in, what is refused and why, who sends, what waits where: and what to do about it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ingestQuery } from '../../api/ingest.ts';
import { bytes, compact, dateTime, percent } from '../../lib/format.ts';
import { paceOf, shareOf } from '../../model/ingest.ts';
import type { IngestStatus, Pace } from '../../model/ingest.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { Head } from '../config/parts.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { Findings } from './findings.tsx';
import style from './ingest.module.css';
import { Rejections } from './rejections.tsx';
import { Daemons, Queues, Senders, Sources } from './tables.tsx';

export default function IngestPage() {
  const words = useWords();
  const clock = useClock();
  const query = useQuery(ingestQuery());
  const paces = usePaces(query.data, query.dataUpdatedAt);
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={12} />;
  const status = query.data;
  return (
    <div className={style['page']}>
      <Head
        title={words('ingest.title')}
        text={words('ingest.text', {
          version: status.build.version,
          since: dateTime(status.since / 1e3, clock),
        })}
      />
      {query.error && <Failure error={query.error} isStale />}
      <Findings status={status} />
      <Tiles status={status} paces={paces} />
      <div className={style['columns']}>
        <Sources status={status} paces={paces} />
        <Queues status={status} />
      </div>
      <Rejections rejections={status.rejections} />
      <div className={style['columns']}>
        <Senders status={status} />
        <Daemons status={status} />
      </div>
    </div>
  );
}

/** Returns what came in a second since the look before. */
function usePaces(status: IngestStatus | undefined, at: number): ReadonlyMap<string, Pace> {
  const before = useRef<{ at: number; status: IngestStatus }>(undefined);
  const [paces, setPaces] = useState<ReadonlyMap<string, Pace>>(new Map());
  useEffect(() => {
    if (!status || before.current?.at === at) return;
    const next = { at, status };
    setPaces(paceOf(before.current, next));
    before.current = next;
  }, [status, at]);
  return paces;
}

function Tiles({ status, paces }: { status: IngestStatus; paces: ReadonlyMap<string, Pace> }) {
  const words = useWords();
  const clock = useClock();
  const { memory, store } = status;
  const pace = [...paces.values()].reduce((all, one) => all + one.documents, 0);
  const kept =
    store.oldest === null || store.newest === null
      ? words('ingest.empty')
      : words('ingest.since', { when: dateTime(store.oldest / 1e3, clock) });
  const tiles = [
    {
      name: 'pace',
      value: paces.size === 0 ? '–' : words('ingest.perSecond', { count: rounded(pace) }),
      note: words('ingest.sum', {
        count: compact(status.sources.reduce((all, one) => all + one.documents, 0)),
      }),
    },
    {
      name: 'memory',
      value: percent(shareOf(memory.used, memory.max)),
      note: words('ingest.of', { used: bytes(memory.used), max: bytes(memory.max) }),
      share: shareOf(memory.used, memory.max),
    },
    { name: 'traces', value: compact(store.traces), note: kept },
    {
      name: 'disk',
      value: bytes(store.bytes),
      note: words('ingest.blocks', { count: store.blocks }),
    },
  ];
  return (
    <dl className={style['tiles']}>
      {tiles.map(({ name, value, note, share }) => (
        <div key={name} className="card">
          <dt>{words(`ingest.${name}`)}</dt>
          <dd>
            <b>{value}</b>
            <span className="quiet">{note}</span>
          </dd>
          {share !== undefined && <Meter share={share} />}
        </div>
      ))}
    </dl>
  );
}

/** Returns a number a second with three digits at most. */
export function rounded(value: number): string {
  return value < 1000 ? String(Number(value.toPrecision(3))) : compact(value);
}

export function Meter({ share }: { share: number }) {
  return (
    <span className={style['meter']} aria-hidden="true">
      <span data-full={share >= 0.8} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
