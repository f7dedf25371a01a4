// Why there is no trace to show, and what to do: nothing matches, or nothing ever came.
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
import { CopyButton, Empty, Failure, Skeleton } from '../states.tsx';
import style from './page.module.css';

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
  if (bare.data.latest === null) return <Start />;
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

/** Waits for the first segment and shows how to send one. */
function Start() {
  const words = useWords();
  return (
    <div className={style['start']}>
      <div className={style['wait']} role="status">
        <span className={style['pulse']} />
        <div>
          <h1>{words('state.waiting')}</h1>
          <p className="quiet">{words('state.waitingText')}</p>
        </div>
      </div>
      {snippets().map(({ title, text }) => (
        <section key={title} className={`card ${style['snippet']}`}>
          <header>
            <h2>{words(`start.${title}`)}</h2>
            <CopyButton text={text} label={words('start.copy')} />
          </header>
          <pre tabIndex={0}>{text}</pre>
        </section>
      ))}
    </div>
  );
}

/** Returns what to type, for the address that this page came from. */
function snippets(): { title: 'demo' | 'curl' | 'cli' | 'sdk'; text: string }[] {
  const { origin, hostname } = location;
  const shell = [
    'N=$(date +%s); H() { od -An -tx1 -N"$1" /dev/urandom | tr -d \' \\n\'; }',
    `T=$(printf '1-%08x-%s' "$N" "$(H 12)")`,
    `printf '{"TraceSegmentDocuments":["{\\\\"trace_id\\\\":\\\\"%s\\\\",\\\\"id\\\\":\\\\"%s\\\\",\\\\"name\\\\":\\\\"hello\\\\",\\\\"start_time\\\\":%s.0,\\\\"end_time\\\\":%s.2}"]}' \\`,
    `  "$T" "$(H 8)" "$N" "$N" | curl -sS ${origin}/TraceSegments -H 'content-type: application/json' -d @-`,
  ];
  return [
    { title: 'demo', text: `fluoro send --to ${hostname}:2000 --endpoint ${origin} --count 20` },
    { title: 'curl', text: shell.join('\n') },
    { title: 'sdk', text: `export AWS_XRAY_DAEMON_ADDRESS=${hostname}:2000` },
    {
      title: 'cli',
      text: `aws xray get-trace-summaries --endpoint-url ${origin} --region us-east-1 --no-sign-request \\\n  --start-time $(($(date +%s) - 600)) --end-time $(date +%s)`,
    },
  ];
}
