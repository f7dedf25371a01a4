// Why there is no trace to show, and what to do: nothing matches, or nothing ever came.
import { useQuery } from '@tanstack/react-query';
import { anythingQuery, tracesQuery } from '../../api/queries.ts';
import { ago } from '../../lib/format.ts';
import { formatLength } from '../../lib/range.ts';
import type { TimeRange } from '../../lib/range.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useRangeWords } from '../range.tsx';
import { CopyButton, Empty, Failure, Skeleton } from '../states.tsx';
import style from './page.module.css';

interface Props {
  range: TimeRange;
  filter: string;
  change: (next: { t?: TimeRange; q?: string }, step?: 'push' | 'replace') => void;
}

export function Nothing({ range, filter, change }: Props) {
  const words = useWords();
  const inWords = useRangeWords();
  const { language } = usePreferences();
  const now = useNow(2_000);
  const without = useQuery({ ...tracesQuery({ range, filter: '' }), enabled: filter !== '' });
  const anything = useQuery(anythingQuery(true));
  const latest = anything.data?.summaries[0];
  if (anything.error) return <Failure error={anything.error} />;
  if (!anything.data) return <Skeleton />;
  if (!latest) return <Start />;
  const length = range.kind === 'last' ? range.length : range.to - range.from;
  const wider: TimeRange = {
    kind: 'last',
    length: Math.max(6 * 36e5, Math.ceil((length * 6) / 36e5) * 36e5),
  };
  const around = {
    kind: 'between' as const,
    from: latest.startedAt - 18e5,
    to: latest.startedAt + 18e5,
  };
  const title = filter === '' ? 'state.noneTitle' : 'state.noneFilterTitle';
  return (
    <Empty
      title={words(title, { range: inWords(range) })}
      actions={
        <>
          {filter !== '' && (
            <button
              type="button"
              className="button primary"
              onClick={() => change({ q: '' }, 'push')}
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
      }
    >
      {filter !== '' && <p className="mono">{filter}</p>}
      {filter !== '' && without.data && (
        <p>{words('state.without', { count: without.data.summaries.length })}</p>
      )}
      <p>{words('state.latest', { ago: ago(latest.startedAt, now, language) })}</p>
    </Empty>
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
