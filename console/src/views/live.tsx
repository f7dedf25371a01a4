// Live mode: the server says what comes in, and pages ask again at intervals; never while somebody
// reads what would move.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { listen } from '../api/live.ts';
import { refreshLive } from '../api/refresh.ts';
import { parseLength } from '../lib/range.ts';
import type { EpochMs } from '../lib/units.ts';
import { SCOPE, useUrl } from '../state/url.ts';

/** How many ids of new traces are kept apart; beyond it the count is an estimate. */
const FRESH_MAX = 10_000;

export type LiveStatus = 'off' | 'streaming' | 'reconnecting' | 'paused';

export interface Live {
  status: LiveStatus;
  /** When the connection is tried again; 0 when it stands. */
  retryAt: EpochMs;
  /** Traces that came since pages last asked. */
  fresh: number;
  /** Keeps pages from changing, for a reason, until it is given back. */
  hold: (reason: string, isHeld: boolean) => void;
  /** Shows what came, held or not. */
  show: () => void;
}

const OFF: Live = { status: 'off', retryAt: 0, fresh: 0, hold: () => {}, show: () => {} };
const Context = createContext<Live>(OFF);

export const useLive = (): Live => useContext(Context);

/** Returns whether the tab is seen. */
function useSeen(): boolean {
  const [isSeen, setSeen] = useState(!document.hidden);
  useEffect(() => {
    const look = () => setSeen(!document.hidden);
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, []);
  return isSeen;
}

function useHolds() {
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const hold = useMemo(
    () => (reason: string, isHeld: boolean) =>
      setHeld((before) => {
        if (before.has(reason) === isHeld) return before;
        const next = new Set(before);
        if (isHeld) next.add(reason);
        else next.delete(reason);
        return next;
      }),
    [],
  );
  return { isHeld: held.size > 0, hold };
}

/** What was heard: whether the line stands, and what came. */
function useStream(isOn: boolean, filter: string, group: string) {
  const [retryAt, setRetryAt] = useState(0);
  const [fresh, setFresh] = useState(0);
  const ids = useRef({ seen: new Set<string>(), more: 0 });
  useEffect(() => {
    if (!isOn) return undefined;
    const count = () => setFresh(ids.current.seen.size + ids.current.more);
    return listen(filter, group, {
      opened: () => setRetryAt(0),
      lost: setRetryAt,
      trace: ({ id }) => {
        const { seen } = ids.current;
        if (seen.size < FRESH_MAX) seen.add(id);
        else if (!seen.has(id)) ids.current.more += 1;
      },
      // Numbers change with the ticks, not with each trace.
      tick: ({ dropped }) => {
        ids.current.more += dropped;
        count();
      },
    });
  }, [isOn, filter, group]);
  const forget = useMemo(
    () => () => {
      ids.current = { seen: new Set(), more: 0 };
      setFresh(0);
    },
    [],
  );
  return { retryAt, fresh, forget };
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { values } = useUrl(SCOPE);
  const isSeen = useSeen();
  const isOn = values.live !== '';
  const { isHeld, hold } = useHolds();
  const { retryAt, fresh, forget } = useStream(isOn && isSeen, values.q, values.g);
  const every = parseLength(values.live) ?? 0;
  const isPaused = isHeld || !isSeen;
  useEffect(() => {
    if (every === 0 || isPaused) return undefined;
    const beat = () => {
      // Who marks text would lose the mark.
      if (getSelection()?.isCollapsed === false) return;
      forget();
      refreshLive(client);
    };
    const timer = setInterval(beat, every);
    return () => clearInterval(timer);
  }, [every, isPaused, client, forget]);
  const live = useMemo<Live>(() => {
    if (!isOn) return OFF;
    const status = isPaused ? 'paused' : retryAt > 0 ? 'reconnecting' : 'streaming';
    const show = () => {
      forget();
      refreshLive(client);
    };
    return { status, retryAt, fresh, hold, show };
  }, [isOn, isPaused, retryAt, fresh, hold, forget, client]);
  return <Context value={live}>{children}</Context>;
}
