// What is wrong with what comes in, and what to do: or that nothing is.
import { Link } from '@tanstack/react-router';
import { compact, percent } from '../../lib/format.ts';
import { QUEUES, findingsOf } from '../../model/ingest.ts';
import type { Finding, IngestStatus } from '../../model/ingest.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './ingest.module.css';

export function Findings({ status }: { status: IngestStatus }) {
  const words = useWords();
  const nameOf = useQueueName();
  const found = findingsOf(status);
  if (found.length === 0) {
    return (
      <p className={`card ${style['well']}`} role="status">
        <Glyph outcome="ok" /> {words('ingest.well')}
      </p>
    );
  }
  return (
    <ul className={style['findings']} role="list" aria-label={words('ingest.findings')}>
      {found.map((finding) => (
        <li key={keyOf(finding)} className="card" data-kind={finding.kind}>
          <Glyph outcome={lost(finding) ? 'fault' : 'error'} />
          <div>
            <b>
              {words(`ingest.found.${finding.kind}`, {
                ...numbersOf(finding),
                queue: 'queue' in finding ? nameOf(finding.queue) : '',
              })}
            </b>
            <p className="quiet">{words(`ingest.todo.${finding.kind}`)}</p>
          </div>
          {finding.kind === 'nothing' && (
            <Link className="button" to={'/start' as never} search={{} as never}>
              {words('nav.start')}
            </Link>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Returns what a queue is called. */
export function useQueueName(): (queue: string) => string {
  const words = useWords();
  return (queue) => {
    const known = QUEUES.find((name) => name === queue);
    return known
      ? words(`ingest.queueNames.${known}`)
      : `${words('ingest.queueNames.other')} ${queue}`;
  };
}

/** Whether traces were lost. */
function lost({ kind }: Finding): boolean {
  return kind === 'dropped' || kind === 'unreadable' || kind === 'spilled';
}

function keyOf(finding: Finding): string {
  const of = 'queue' in finding ? finding.queue : 'host' in finding ? finding.host : '';
  return `${finding.kind} ${of}`;
}

function numbersOf(finding: Finding): Record<string, string | number> {
  return {
    n: 'count' in finding ? finding.count : 0,
    count: 'count' in finding ? compact(finding.count) : '',
    share: 'share' in finding ? percent(finding.share) : '',
    host: 'host' in finding ? finding.host || '–' : '',
  };
}
