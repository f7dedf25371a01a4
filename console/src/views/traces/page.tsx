// The list of traces: groups above, traces below, both over all traces that match.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { Suspense, lazy, useDeferredValue, useMemo } from 'react';
import { aggregateQuery, progressKey, searchQuery } from '../../api/traces.ts';
import { duration } from '../../lib/format.ts';
import { OUTCOMES } from '../../model/status.ts';
import type { Outcome } from '../../model/status.ts';
import { SORTS, orderOf } from '../../model/traces.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { useIgnored } from '../toasts.tsx';
import { Groups } from './groups.tsx';
import { List } from './list.tsx';
import { Nothing } from './nothing.tsx';
import style from './page.module.css';
import { PARAMS, filterOf } from './params.ts';
import type { ChangeList, ListValues } from './params.ts';
import { Scanning } from './scanning.tsx';
import { ListTools } from './tools.tsx';

const Strip = lazy(() => import('../map/strip.tsx').then((of) => ({ default: of.Strip })));
const NONE = [] as const;

export default function TracesPage() {
  const { values, invalid, change } = useUrl(PARAMS);
  useIgnored(invalid);
  const { t: range, g: group, pick } = values;
  const chosen = { range, group, filter: filterOf(values, pick) };
  const order = orderOf(values.sort);
  const search = useInfiniteQuery(searchQuery(chosen, order));
  const find = useDeferredValue(values.find.trim());
  const groups = useQuery(aggregateQuery({ ...chosen, filter: filterOf(values) }, values.by, find));
  const pages = search.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.rows), [pages]);
  const total = pages?.[0]?.end?.total;
  const progress = <Scanning progressKey={progressKey(chosen, order)} />;

  if (search.error && !rows) return <Failure error={search.error} />;
  // The table above has its height by its rows: the list below must not move when they come.
  const isWaiting = !rows || !pages || (!groups.data && !groups.error);
  if (isWaiting) return <Waiting>{progress}</Waiting>;
  const isEmpty = rows.length === 0 && total === 0 && !search.isPlaceholderData;
  if (isEmpty && !search.error) {
    return <Nothing range={range} filter={chosen.filter} group={group} change={clearing(change)} />;
  }
  return (
    <div className={style['page']} aria-busy={search.isPlaceholderData}>
      {progress}
      <Head
        values={values}
        change={change}
        total={total ?? rows.length}
        isStopped={total === undefined}
        all={groups.data?.total.traces}
      />
      {search.error && <Failure error={search.error} isStale />}
      <Suspense fallback={<div className={style['strip']} />}>
        <Strip
          scope={{ ...chosen, isLive: values.live !== '' }}
          insights={NONE}
          onRange={(from, to) => change({ t: { kind: 'between', from, to } }, 'push')}
        />
      </Suspense>
      <Groups
        data={groups.data}
        error={groups.error}
        values={values}
        change={change}
        isStale={groups.isPlaceholderData}
      />
      <List
        rows={rows}
        total={total ?? rows.length}
        values={values}
        change={change}
        now={search.dataUpdatedAt}
        hasMore={search.hasNextPage}
        isMore={search.isFetchingNextPage}
        more={() => void search.fetchNextPage()}
      />
    </div>
  );
}

/** What clears the filter clears what was picked beside it. */
function clearing(change: ChangeList): ChangeList {
  return (next, step) =>
    change(next.q === undefined ? next : { ...next, pick: '', st: [], rt: null }, step);
}

function Waiting({ children }: { children: React.ReactNode }) {
  return (
    <div>
      {children}
      <Skeleton rows={14} />
    </div>
  );
}

interface HeadProps {
  values: ListValues;
  change: ChangeList;
  total: number;
  isStopped: boolean;
  /** Traces without what was picked. */
  all: number | undefined;
}

function Head({ values, change, total, isStopped, all }: HeadProps) {
  const words = useWords();
  const { st, sort, rt, pick } = values;
  const isPart = pick !== '' && all !== undefined && all !== total;
  const toggle = (outcome: Outcome) =>
    change(
      { st: st.includes(outcome) ? st.filter((one) => one !== outcome) : [...st, outcome] },
      'push',
    );
  return (
    <header className={style['head']}>
      <h1>{words('traces.title')}</h1>
      <span className="quiet" data-testid="count">
        {isPart ? words('traces.of', { shown: total, total: all }) : words('traces.all', { total })}
      </span>
      {isStopped && <span className="badge">{words('traces.stopped')}</span>}
      <div className={style['spring']} />
      {rt && (
        <button type="button" className="button" onClick={() => change({ rt: null }, 'push')}>
          {`${duration(rt[0] * 1e3)} – ${duration(rt[1] * 1e3)}`}
          <X size={14} aria-label={words('traces.remove')} />
        </button>
      )}
      <div className="segments" role="group" aria-label={words('traces.status')}>
        {OUTCOMES.map((outcome) => (
          <button
            key={outcome}
            type="button"
            className="button"
            aria-pressed={st.includes(outcome)}
            onClick={() => toggle(outcome)}
          >
            <Glyph outcome={outcome} />
            {words(`status.${outcome}`)}
          </button>
        ))}
      </div>
      <select
        className="input"
        aria-label={words('traces.sort')}
        value={sort}
        onChange={(event) => change({ sort: event.target.value as typeof sort })}
      >
        {SORTS.map((one) => (
          <option key={one} value={one}>
            {words('traces.sorts', { sort: one })}
          </option>
        ))}
      </select>
      <ListTools values={values} change={change} total={total} />
    </header>
  );
}
