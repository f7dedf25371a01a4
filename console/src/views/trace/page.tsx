// One trace: what it is, why it went as it went, its timeline and the details of a row.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChevronLeft, GitCompareArrows, Loader, TriangleAlert } from 'lucide-react';
import { Suspense, lazy, useMemo } from 'react';
import { traceQuery } from '../../api/queries.ts';
import { dateTime, duration, percent, timeOfDay } from '../../lib/format.ts';
import { formatRange } from '../../lib/range.ts';
import type { Search } from '../../lib/search.ts';
import { findTraceId } from '../../lib/traceid.ts';
import { why } from '../../model/blame.ts';
import { quote } from '../../model/filter.ts';
import { skewsOf, straightened } from '../../model/skew.ts';
import { outcomeOfTrace } from '../../model/tree.ts';
import type { RawTrace, Trace, Work } from '../../model/tree.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { scopeOf, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { Segments } from '../segments.tsx';
import { CopyButton, Empty, Failure, Skeleton } from '../states.tsx';
import { NotFound } from './notfound.tsx';
import style from './page.module.css';
import { PARAMS, VIEWS } from './params.ts';
import type { View } from './params.ts';
import { Timeline } from './timeline.tsx';

const MapView = lazy(() => import('./map.tsx').then((module) => ({ default: module.MapView })));
const FlameView = lazy(() =>
  import('./flame.tsx').then((module) => ({ default: module.FlameView })),
);
const RawView = lazy(() => import('./raw.tsx').then((module) => ({ default: module.RawView })));

export default function TracePage() {
  const { id: given = '' } = useParams({ strict: false }) as { id?: string };
  const words = useWords();
  const id = findTraceId(given);
  const query = useQuery({ ...traceQuery(id ?? ''), enabled: id !== undefined });
  if (id === undefined) {
    return (
      <Empty title={words('trace.notFoundTitle')}>{words('trace.malformed', { id: given })}</Empty>
    );
  }
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (query.data === null) return <NotFound id={id} />;
  if (!query.data) return <Skeleton rows={16} />;
  return <Shown {...query.data} />;
}

function Shown({ trace: given, raw }: { trace: Trace; raw: RawTrace }) {
  const { values, change } = useUrl(PARAMS);
  const { view } = values;
  const skews = useMemo(() => skewsOf(given), [given]);
  const { trace, moved } = useMemo(
    () => (values.skew === 'fix' ? straightened(given, skews) : { trace: given, moved: UNMOVED }),
    [given, skews, values.skew],
  );
  const views = <Views view={view} onPick={(next) => change({ view: next, z: null }, 'push')} />;
  return (
    <div className={style['page']}>
      <Head trace={given} />
      <Notes trace={given} />
      <Why trace={trace} onJump={(seg) => change({ seg, view: 'timeline', x: [], svc: '' })} />
      <Suspense fallback={<Skeleton rows={14} />}>
        {view === 'raw' && <RawView trace={given} raw={raw} views={views} />}
        {view === 'map' && <MapView trace={given} views={views} />}
        {view === 'flame' && <FlameView trace={trace} views={views} />}
        {view === 'timeline' && (
          <Timeline trace={trace} views={views} skews={skews} moved={moved} />
        )}
      </Suspense>
    </div>
  );
}

const UNMOVED: ReadonlyMap<string, number> = new Map();

function Views({ view, onPick }: { view: View; onPick: (view: View) => void }) {
  const words = useWords();
  return (
    <Segments
      label={words('trace.view')}
      segments={VIEWS.map((one) => ({ value: one, label: words(`trace.${one}`) }))}
      value={view}
      onPick={onPick}
    />
  );
}

/** What is not there of the trace, and whether it may still come. */
function Notes({ trace }: { trace: Trace }) {
  const words = useWords();
  const missing = trace.works.filter((work) => work.kind === 'missing').length;
  if (missing === 0 && !trace.isInProgress && !trace.limitExceeded) return null;
  return (
    <ul className={style['notes']} role="status">
      {trace.isInProgress && (
        <li>
          <Loader size={14} aria-hidden="true" /> {words('trace.progressText')}
        </li>
      )}
      {missing > 0 && (
        <li>
          <TriangleAlert size={14} aria-hidden="true" />{' '}
          {words('trace.missingText', { count: missing })}
        </li>
      )}
      {trace.limitExceeded && (
        <li>
          <TriangleAlert size={14} aria-hidden="true" /> {words('trace.limit')}
        </li>
      )}
    </ul>
  );
}

/** Around a trace that was opened by its link. */
const AROUND_MS = 18e5;

/** Returns the list to go back to: the one that was left, or of a cold link, that of the entry point. */
function listOf(search: Search, trace: Trace, root: Work | undefined): Search {
  const before = scopeOf(search);
  const { __TSR_index: steps = 0 } = (history.state ?? {}) as { __TSR_index?: number };
  if (steps > 0 || Object.keys(before).length > 0 || !root) return before;
  const [from, to] = [trace.startedAt - AROUND_MS, trace.startedAt + AROUND_MS];
  return {
    q: `service(${quote(root.name)}) { root }`,
    t: formatRange({ kind: 'between', from, to }),
  };
}

function Head({ trace }: { trace: Trace }) {
  const words = useWords();
  const clock = useClock();
  const { search } = useUrl(PARAMS);
  const root = trace.roots.find((one) => one.kind === 'segment') ?? trace.roots[0];
  const outcome = outcomeOfTrace(trace);
  const subsegments = trace.works.filter((work) => work.kind === 'subsegment').length;
  return (
    <header className={style['head']}>
      <Link
        to={'/traces' as never}
        search={listOf(search, trace, root) as never}
        className="button plain"
      >
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
      <span className={style['id']}>
        <code title={trace.id}>{trace.id}</code>
        <CopyButton text={trace.id} label={words('trace.copy')} />
        <Link
          to={'/traces/compare' as never}
          search={{ a: trace.id } as never}
          className="button"
          title={words('trace.compareText')}
        >
          <GitCompareArrows size={14} aria-hidden="true" /> {words('trace.compare')}
        </Link>
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

function nameOf(work: Work): string {
  return work.service === work.name ? work.name : `${work.service} → ${work.name}`;
}
