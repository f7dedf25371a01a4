// Why there is no trace to show, and what to do: nothing matches, or nothing ever came.
import { Suspense, lazy } from 'react';
import { useQuery } from '@tanstack/react-query';
import { retentionQuery } from '../../api/retention.ts';
import { countQuery } from '../../api/traces.ts';
import { ago } from '../../lib/format.ts';
import { formatLength, windowOf } from '../../lib/range.ts';
import type { TimeRange } from '../../lib/range.ts';
import type { EpochMs } from '../../lib/units.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useRangeWords } from '../range.tsx';
import { Empty, Failure, Skeleton } from '../states.tsx';

/** What the page of that name shows, for there is nothing else to do. */
const Start = lazy(() => import('../start/page.tsx'));

interface Props {
  range: TimeRange;
  filter: string;
  group?: string;
  change: (next: { t?: TimeRange; q?: string; g?: string }, step?: 'push' | 'replace') => void;
}

export function Nothing({ range, filter, group = '', change }: Props) {
  const words = useWords();
  const inWords = useRangeWords();
  const { language } = usePreferences();
  const now = useNow(2_000);
  const chosen = { range, filter, group };
  const matching = useQuery(countQuery(chosen, true));
  const bare = useQuery(countQuery({ range, filter: '', group: '' }, true));
  const kept = useQuery(retentionQuery()).data?.days ?? null;
  if (bare.error) return <Failure error={bare.error} />;
  if (matching.error) return <Failure error={matching.error} />;
  if (!bare.data || !matching.data) return <Skeleton />;
  if (bare.data.latest === null) {
    return (
      <Suspense fallback={<Skeleton />}>
        <Start />
      </Suspense>
    );
  }
  const hasFilter = filter !== '' || group !== '';
  const latest = (matching.data.latest ?? bare.data.latest) / 1e3;
  const isGone = kept !== null && windowOf(range, now).to < now - kept * 864e5;
  const title = hasFilter ? 'state.noneFilterTitle' : 'state.noneTitle';
  return (
    <Empty
      title={words(title, { range: inWords(range) })}
      actions={<Ways range={range} latest={latest} hasFilter={hasFilter} change={change} />}
    >
      {filter !== '' && <p className="mono">{filter}</p>}
      {group !== '' && <p>{words('state.inGroup', { group })}</p>}
      {isGone && <p>{words('state.expired', { days: kept })}</p>}
      {hasFilter && <p>{words('state.without', { count: bare.data.total })}</p>}
      {hasFilter && matching.data.latest === null && <p>{words('state.never')}</p>}
      {(!hasFilter || matching.data.latest !== null) && (
        <p>
          {words(hasFilter ? 'state.latestMatch' : 'state.latest', {
            ago: ago(latest, now, language),
          })}
        </p>
      )}
    </Empty>
  );
}

interface WaysProps {
  range: TimeRange;
  latest: EpochMs;
  hasFilter: boolean;
  change: Props['change'];
}

/** The ways out: without the filter, to where there is something, over a longer time. */
function Ways({ range, latest, hasFilter, change }: WaysProps) {
  const words = useWords();
  const { from, to } = windowOf(range, Date.now());
  const wider: TimeRange = {
    kind: 'last',
    length: Math.max(6 * 36e5, Math.ceil(((to - from) * 6) / 36e5) * 36e5),
  };
  const around = { kind: 'between' as const, from: latest - 18e5, to: latest + 18e5 };
  return (
    <>
      {hasFilter && (
        <button
          type="button"
          className="button primary"
          onClick={() => change({ q: '', g: '' }, 'push')}
        >
          {words('state.clearFilter')}
        </button>
      )}
      <button type="button" className="button" onClick={() => change({ t: around }, 'push')}>
        {words('state.goLatest')}
      </button>
      <button type="button" className="button" onClick={() => change({ t: wider }, 'push')}>
        {words('state.widen', { length: formatLength(wider.length) })}
      </button>
    </>
  );
}
