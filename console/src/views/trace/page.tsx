// One trace: what it is, why it went as it went, its timeline and the details of a row.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { useMemo } from 'react';
import { traceQuery } from '../../api/queries.ts';
import { dateTime, duration, percent, timeOfDay } from '../../lib/format.ts';
import { epochOf, findTraceId } from '../../lib/traceid.ts';
import { why } from '../../model/blame.ts';
import { worse } from '../../model/status.ts';
import type { Outcome } from '../../model/status.ts';
import type { RawTrace, Trace } from '../../model/tree.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { scopeOf, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { CopyButton, Empty, Failure, Skeleton } from '../states.tsx';
import style from './page.module.css';
import { PARAMS } from './params.ts';
import { RawView } from './raw.tsx';
import { Timeline } from './timeline.tsx';

export default function TracePage() {
  const { id: given = '' } = useParams({ strict: false }) as { id?: string };
  const words = useWords();
  const clock = useClock();
  const id = findTraceId(given);
  const query = useQuery({ ...traceQuery(id ?? ''), enabled: id !== undefined });
  if (id === undefined) {
    return (
      <Empty title={words('trace.notFoundTitle')}>{words('trace.malformed', { id: given })}</Empty>
    );
  }
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (query.data === null) {
    const when = dateTime((epochOf(id) ?? 0) * 1e3, clock);
    return (
      <Empty title={words('trace.notFoundTitle')}>
        <p className="mono">{id}</p>
        <p>{words('trace.neverOrExpired', { when })}</p>
      </Empty>
    );
  }
  if (!query.data) return <Skeleton rows={16} />;
  return <Shown {...query.data} />;
}

function Shown({ trace, raw }: { trace: Trace; raw: RawTrace }) {
  const { values, change } = useUrl(PARAMS);
  const { view } = values;
  const views = <Views view={view} onPick={(next) => change({ view: next }, 'push')} />;
  return (
    <div className={style['page']}>
      <Head trace={trace} />
      <Why trace={trace} onJump={(seg) => change({ seg, view: 'timeline', x: [] })} />
      {view === 'raw' ? (
        <RawView raw={raw} views={views} />
      ) : (
        <Timeline trace={trace} views={views} />
      )}
    </div>
  );
}

type View = (typeof PARAMS)['view']['fallback'];

function Views({ view, onPick }: { view: View; onPick: (view: View) => void }) {
  const words = useWords();
  return (
    <div className="segments" role="group">
      {(['timeline', 'raw'] as const).map((one) => (
        <button
          key={one}
          type="button"
          className="button"
          aria-pressed={view === one}
          onClick={() => onPick(one)}
        >
          {words(`trace.${one}`)}
        </button>
      ))}
    </div>
  );
}

function Head({ trace }: { trace: Trace }) {
  const words = useWords();
  const clock = useClock();
  const { search } = useUrl(PARAMS);
  const root = trace.roots.find((one) => one.kind === 'segment') ?? trace.roots[0];
  const outcome = trace.roots.reduce<Outcome>((worst, one) => worse(worst, one.outcome), 'ok');
  const subsegments = trace.works.filter((work) => work.kind === 'subsegment').length;
  return (
    <header className={style['head']}>
      <Link to={'/traces' as never} search={scopeOf(search) as never} className="button plain">
        <ChevronLeft size={16} aria-hidden="true" />
        {words('trace.back')}
      </Link>
      <h1 className="cut">
        {root?.operation || root?.name}{' '}
        <span className="quiet">{root?.operation ? root.name : ''}</span>
      </h1>
      <span className={style['outcome']} data-outcome={outcome}>
        <Glyph outcome={outcome} />
        {root?.status} {words(`status.${outcome}`)}
      </span>
      <strong>{duration(trace.length)}</strong>
      <span className="quiet">
        {words('trace.segments', { count: trace.segmentCount })} ·{' '}
        {words('trace.subsegments', { count: subsegments })}
      </span>
      <span className="quiet" title={dateTime(trace.startedAt, clock)}>
        {timeOfDay(trace.startedAt, clock)}
      </span>
      {trace.isInProgress && <span className="badge">{words('status.progress')}</span>}
      {trace.limitExceeded && <span className="badge">{words('trace.limit')}</span>}
      <span className={style['id']}>
        <code>{trace.id}</code>
        <CopyButton text={trace.id} label={words('trace.copy')} />
      </span>
    </header>
  );
}

function Why({ trace, onJump }: { trace: Trace; onJump: (seg: string) => void }) {
  const words = useWords();
  const { slowest, origin } = useMemo(() => why(trace), [trace]);
  const target = origin?.work ?? slowest?.work;
  if (!target) return null;
  return (
    <div className={`card ${style['why']}`}>
      <strong>{words('trace.why')}</strong>
      {origin && <Glyph outcome={origin.outcome} />}
      <p>
        {origin &&
          words('trace.whyOrigin', {
            outcome: origin.outcome,
            name: nameOf(origin.work),
            exception: origin.exception ?? 'none',
          })}{' '}
        {slowest &&
          words('trace.whyTime', { share: percent(slowest.share), name: nameOf(slowest.work) })}
      </p>
      <button type="button" className="button" onClick={() => onJump(target.id)}>
        {words('trace.jump')}
      </button>
    </div>
  );
}

function nameOf(work: Trace['works'][number]): string {
  return work.service === work.name ? work.name : `${work.service} → ${work.name}`;
}
