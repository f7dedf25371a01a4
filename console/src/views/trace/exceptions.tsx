// The exceptions of a work: message, stack with library frames folded, and how many traces have it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { countQuery } from '../../api/traces.ts';
import { formatRange } from '../../lib/range.ts';
import { exceptionsOf, framesOf } from '../../model/document.ts';
import type { Exception, Frame } from '../../model/document.ts';
import { ofException } from '../../model/filter.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { CopyButton } from '../states.tsx';
import style from './details.module.css';

/** Traces with the same exception are counted so long before and after. */
const AROUND_MS = 12 * 36e5;

export function Exceptions({ trace, work }: { trace: Trace; work: Work }) {
  const all = exceptionsOf(work.document);
  return all.map((one) => (
    <ExceptionCard key={one.id} one={one} all={all} trace={trace} work={work} />
  ));
}

interface CardProps {
  one: Exception;
  all: readonly Exception[];
  trace: Trace;
  work: Work;
}

function ExceptionCard({ one, all, trace, work }: CardProps) {
  const words = useWords();
  const cause = all.find((other) => other.id === one.cause);
  const stack = one.frames.map(
    (frame) => `    at ${frame.label} (${frame.path}:${frame.line ?? '?'})`,
  );
  const runs = useMemo(() => framesOf(one.frames), [one.frames]);
  return (
    <section className={style['exception']}>
      <header>
        <strong>{one.type}</strong>
        {one.isRemote && <span className="badge">{words('status.remote')}</span>}
        <CopyButton
          text={[`${one.type}: ${one.message}`, ...stack].join('\n')}
          label={words('trace.copy')}
        />
      </header>
      <p>{one.message}</p>
      <ol>
        {runs.map((run, index) =>
          run.isLibrary ? (
            <li key={index} className={style['library']}>
              <details>
                <summary>{words('trace.library', { count: run.frames.length })}</summary>
                {run.frames.map((frame, at) => (
                  <div key={at} className="mono">
                    <FrameText frame={frame} />
                  </div>
                ))}
              </details>
            </li>
          ) : (
            run.frames.map((frame, at) => (
              <li key={`${index} ${at}`} className="mono">
                <FrameText frame={frame} />
              </li>
            ))
          ),
        )}
      </ol>
      {cause && (
        <p className="quiet">
          {words('trace.because')} {cause.type}
        </p>
      )}
      <Same one={one} trace={trace} work={work} />
    </section>
  );
}

function FrameText({ frame }: { frame: Frame }) {
  return (
    <>
      {frame.label} <span className="quiet">{`${frame.path}:${frame.line ?? '?'}`}</span>
    </>
  );
}

/** How many traces around this one have an exception of this type. */
function Same({ one, trace, work }: Omit<CardProps, 'all'>) {
  const words = useWords();
  const filter = ofException(one.type, work.outcome);
  const range = useMemo(
    () => ({
      kind: 'between' as const,
      from: trace.startedAt - AROUND_MS,
      to: trace.startedAt + AROUND_MS,
    }),
    [trace.startedAt],
  );
  const { data } = useQuery({
    ...countQuery({ range, filter, group: '' }),
    enabled: one.type !== '',
  });
  if (!data) return null;
  const search = { q: filter, t: formatRange(range) };
  return (
    <p>
      <Link to={'/traces' as never} search={search as never}>
        {words('trace.same')}
      </Link>{' '}
      <span className="quiet">{words('trace.sameCount', { count: data.total })}</span>
    </p>
  );
}
