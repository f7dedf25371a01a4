// Two traces side by side: by how much they differ, and where the difference arose.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeftRight, ChevronLeft } from 'lucide-react';
import { useMemo, useState } from 'react';
import { traceQuery } from '../../api/queries.ts';
import { typicalQuery } from '../../api/trace.ts';
import { dateTime, duration } from '../../lib/format.ts';
import { list, text, word } from '../../lib/search.ts';
import { findTraceId } from '../../lib/traceid.ts';
import { headlineOf, pairsOf } from '../../model/pairs.ts';
import { outcomeOfTrace } from '../../model/tree.ts';
import type { Trace } from '../../model/tree.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { Empty, Failure, Skeleton } from '../states.tsx';
import style from './compare.module.css';
import { Rows } from './rows.tsx';

const PARAMS = {
  a: text(),
  /** Absent for a typical good trace. */
  b: text(),
  seg: text(),
  only: word(['', 'changed'], ''),
  x: list(),
};

export default function ComparePage() {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const a = findTraceId(values.a) ?? '';
  const typical = useQuery({ ...typicalQuery(a), enabled: a !== '' && values.b === '' });
  const b = findTraceId(values.b) ?? typical.data?.id ?? '';
  const first = useQuery({ ...traceQuery(a), enabled: a !== '' });
  const second = useQuery({ ...traceQuery(b), enabled: b !== '' });
  const error = first.error ?? second.error ?? typical.error;
  const isWaiting = first.isFetching || second.isFetching || typical.isFetching;
  const [left, right] = [first.data?.trace, second.data?.trace];
  return (
    <div className={style['page']}>
      <header className={style['head']}>
        <Link to={'/traces/$id' as never} params={{ id: a } as never} className="button plain">
          <ChevronLeft size={16} aria-hidden="true" /> {words('compare.back')}
        </Link>
        <h1>{words('compare.title')}</h1>
        {values.b === '' && typical.data?.id && (
          <span className="quiet">
            {words('compare.typical', { of: typical.data.of, by: typical.data.by })}
          </span>
        )}
        <Pick onPick={(id) => change({ b: id, x: [] }, 'push')} />
      </header>
      <div className={style['traces']}>
        <Card name="A" trace={left} />
        <button
          type="button"
          className="button plain"
          aria-label={words('compare.swap')}
          title={words('compare.swap')}
          disabled={b === ''}
          onClick={() => change({ a: b, b: a, x: [] }, 'push')}
        >
          <ArrowLeftRight size={16} />
        </button>
        <Card name="B" trace={right} />
      </div>
      {error ? (
        <Failure error={error} />
      ) : left && right ? (
        <Both a={left} b={right} values={values} change={change} />
      ) : isWaiting ? (
        <Skeleton rows={12} />
      ) : (
        <Empty title={words(a === '' || !left ? 'compare.noA' : 'compare.noB')}>
          {words(a === '' || !left ? 'compare.noAText' : 'compare.noBText')}
        </Empty>
      )}
    </div>
  );
}

/** Takes the id of another trace. */
function Pick({ onPick }: { onPick: (id: string) => void }) {
  const words = useWords();
  const [typed, setTyped] = useState('');
  const id = findTraceId(typed);
  return (
    <form
      className={style['pick']}
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== undefined) onPick(id);
        if (id !== undefined) setTyped('');
      }}
    >
      <input
        className="input mono"
        aria-label={words('compare.other')}
        placeholder={words('compare.other')}
        value={typed}
        aria-invalid={typed !== '' && id === undefined}
        onChange={(event) => setTyped(event.target.value)}
      />
      <button type="submit" className="button" disabled={id === undefined}>
        {words('compare.compare')}
      </button>
    </form>
  );
}

function Card({ name, trace }: { name: 'A' | 'B'; trace: Trace | undefined }) {
  const clock = useClock();
  const root = trace?.roots[0];
  return (
    <section className={`card ${style['trace']}`} data-set={name} aria-label={name}>
      <strong className={style['letter']}>{name}</strong>
      {trace && root && (
        <>
          <Glyph outcome={outcomeOfTrace(trace)} named />
          <div className={style['what']}>
            <Link
              to={'/traces/$id' as never}
              params={{ id: trace.id } as never}
              className="cut"
              title={trace.id}
            >
              {root.name} {root.operation}
            </Link>
            <span className="quiet cut">{dateTime(trace.startedAt, clock)}</span>
          </div>
          <span className={style['length']}>{duration(trace.length)}</span>
        </>
      )}
    </section>
  );
}

interface BothProps {
  a: Trace;
  b: Trace;
  values: { seg: string; only: '' | 'changed'; x: readonly string[] };
  change: ReturnType<typeof useUrl<typeof PARAMS>>['change'];
}

/** Rows whose times differ by less than this share of the longer trace are as before. */
const CHANGED_MIN = 0.01;

function Both({ a, b, values, change }: BothProps) {
  const words = useWords();
  const collapsed = useMemo(() => new Set(values.x), [values.x]);
  const pairs = useMemo(() => pairsOf(a, b, collapsed), [a, b, collapsed]);
  const longest = Math.max(a.length, b.length);
  const shown = pairs.filter(
    (pair) =>
      values.only === '' ||
      !pair.a ||
      !pair.b ||
      Math.abs(pair.a.length - pair.b.length) > longest * CHANGED_MIN ||
      pair.a.outcome !== pair.b.outcome,
  );
  const toggle = (key: string) =>
    change({ x: collapsed.has(key) ? values.x.filter((one) => one !== key) : [...values.x, key] });
  return (
    <>
      <Headline a={a} b={b} />
      <div className={style['tools']}>
        <div className="segments" role="group" aria-label={words('trace.only')}>
          {(['', 'changed'] as const).map((one) => (
            <button
              key={one}
              type="button"
              className="button"
              aria-pressed={values.only === one}
              onClick={() => change({ only: one })}
            >
              {words(one === '' ? 'trace.onlyAll' : 'compare.changed')}
            </button>
          ))}
        </div>
        <span className="quiet">{words('compare.rows', { count: shown.length })}</span>
      </div>
      <Rows
        pairs={shown}
        longest={longest}
        collapsed={collapsed}
        selected={values.seg}
        onSelect={(seg) => change({ seg })}
        onToggle={toggle}
      />
    </>
  );
}

/** Returns a difference with its sign. */
export function signed(ms: number): string {
  if (Math.abs(ms) < 0.001) return duration(0);
  return `${ms > 0 ? '+' : '−'}${duration(Math.abs(ms))}`;
}

function Headline({ a, b }: { a: Trace; b: Trace }) {
  const words = useWords();
  const { delta, parts } = useMemo(() => headlineOf(a, b), [a, b]);
  const way = Math.abs(delta) < 0.001 ? 'same' : delta > 0 ? 'slower' : 'faster';
  const said = parts.map(
    ({ name, service, delta: by }) =>
      `${service === name || service === '' ? name : `${service} → ${name}`} ${signed(by)}`,
  );
  return (
    <p className={`card ${style['headline']}`} data-testid="headline">
      <strong>{words(`compare.${way}`, { by: duration(Math.abs(delta)) })}</strong>
      {said.length > 0 && <span>{said.join(', ')}</span>}
    </p>
  );
}
