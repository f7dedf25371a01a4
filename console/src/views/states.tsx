// What a page shows when there is nothing else to show: loading, an error, nothing found.
import { useQueryClient } from '@tanstack/react-query';
import { Inbox, TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { ConsoleError } from '../api/console.ts';
import { refresh } from '../api/refresh.ts';
import { refused } from '../model/patience.ts';
import type { Patience } from '../model/patience.ts';
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
  const isBusy = api?.status === BUSY;
  const title =
    api?.status === 0 ? 'state.offline'
    : isBusy ? 'state.busy'
    : isFilter ? 'state.badFilter'
    : 'state.failed'; // prettier-ignore
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
        {isBusy && <Countdown error={error} />}
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

/** Of a server that has too much to do. */
const BUSY = 429;
let patience: Patience | undefined;

/** Asks again by itself, later each time, and says when. */
function Countdown({ error }: { error: Error }) {
  const words = useWords();
  const client = useQueryClient();
  const [seconds, setSeconds] = useState<number>();
  useEffect(() => {
    patience = refused(patience, Date.now());
    const at = patience.refusedAt + patience.wait;
    const tick = () => {
      const left = Math.ceil((at - Date.now()) / 1e3);
      setSeconds(Math.max(0, left));
      if (left > 0) return;
      clearInterval(timer);
      refresh(client);
    };
    const timer = setInterval(tick, 1_000);
    tick();
    return () => clearInterval(timer);
  }, [error, client]);
  // Read out once, not each second.
  return (
    <p className="quiet">
      <span className="hidden">{words('state.againSoon')}</span>
      <span aria-hidden="true">{words('state.again', { seconds: seconds ?? 0 })}</span>
    </p>
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
