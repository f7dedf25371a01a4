// What a page shows when there is nothing else to show: loading, an error, nothing found.
import { useQueryClient } from '@tanstack/react-query';
import { Inbox, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { ConsoleError } from '../api/console.ts';
import { refresh } from '../api/refresh.ts';
import { useWords } from '../state/language.tsx';
import style from './states.module.css';

/** Shows bars where rows will be; nothing in the first moments. */
export function Skeleton({ rows = 8 }: { rows?: number }) {
  const words = useWords();
  return (
    <div className={style['skeleton']} role="status" aria-label={words('state.loading')}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ width: `${88 - ((index * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Says what is missing, why, and what to do. */
export function Empty({ title, children, actions }: EmptyProps) {
  return (
    <div className={style['empty']} role="status">
      <Inbox size={28} aria-hidden="true" />
      <h2>{title}</h2>
      <div className="quiet">{children}</div>
      {actions && <div className={style['actions']}>{actions}</div>}
    </div>
  );
}

/** Says what failed, in the pane where it failed. */
export function Failure({ error, isStale = false }: { error: Error; isStale?: boolean }) {
  const words = useWords();
  const client = useQueryClient();
  const api = error instanceof ApiError ? error : undefined;
  const isFilter = api?.code === 'InvalidFilter' || /filter/i.test(api?.message ?? '');
  const offset = error instanceof ConsoleError ? error.offset : undefined;
  const title = api?.status === 0 ? 'state.offline' : isFilter ? 'state.badFilter' : 'state.failed';
  const details = [api?.code, error.message].filter(Boolean).join(': ');
  return (
    <div className={style['failure']} role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div>
        <h2>{words(title)}</h2>
        <p className="mono">{details}</p>
        {offset !== undefined && (
          <p className="quiet">{words('state.at', { position: offset + 1 })}</p>
        )}
        {api?.requestId && <p className="quiet mono">{api.requestId}</p>}
        {isStale && <p className="quiet">{words('state.stale')}</p>}
      </div>
      <div className={style['actions']}>
        <button type="button" className="button" onClick={() => refresh(client)}>
          {words('state.retry')}
        </button>
        <CopyButton text={`${details} ${api?.requestId ?? ''}`} label={words('state.copy')} />
      </div>
    </div>
  );
}

/** Copies text and says so. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const words = useWords();
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setDone(false), 2_000);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = () => {
    void navigator.clipboard?.writeText(text).then(() => setDone(true));
  };
  return (
    <button type="button" className="button" onClick={copy}>
      {isDone ? words('top.copied') : label}
    </button>
  );
}

/** Stands in for a part of the page that threw. */
export function Crash({ error }: { error: unknown }) {
  const words = useWords();
  return (
    <div className={style['failure']} role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div>
        <h2>{words('state.crashed')}</h2>
        <p className="mono">{error instanceof Error ? error.message : String(error)}</p>
      </div>
      <button type="button" className="button" onClick={() => location.reload()}>
        {words('state.reload')}
      </button>
    </div>
  );
}
