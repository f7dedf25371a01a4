// The stream of what happens on the server.
import type { EpochMs } from '../lib/units.ts';
import type { TraceRow } from '../model/traces.ts';

/** What came in since the last tick; `now` in microseconds. */
export interface Tick {
  now: number;
  traces: number;
  documents: number;
  rejected: number;
  /** Traces that matched and were not sent one by one. */
  dropped: number;
}

export interface Listener {
  opened: () => void;
  trace: (row: TraceRow) => void;
  tick: (tick: Tick) => void;
  /** The connection is gone and is tried again at that time. */
  lost: (retryAt: EpochMs) => void;
}

const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;

/** Listens until the returned function is called; a lost connection is opened again. */
export function listen(filter: string, group: string, listener: Listener): () => void {
  const query = new URLSearchParams({ ...(filter && { filter }), ...(group && { group }) });
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_MS;
  const open = () => {
    source = new EventSource(`/console/api/live?${query}`);
    source.addEventListener('open', () => {
      wait = RETRY_MS;
      listener.opened();
    });
    source.addEventListener('trace', (event) => listener.trace(JSON.parse(event.data)));
    source.addEventListener('tick', (event) => listener.tick(JSON.parse(event.data)));
    source.addEventListener('error', () => {
      source?.close();
      // Many consoles lose one server at the same time and should not come back at the same time.
      const pause = wait * (0.75 + Math.random() / 2);
      wait = Math.min(wait * 2, RETRY_MS_MAX);
      listener.lost(Date.now() + pause);
      timer = setTimeout(open, pause);
    });
  };
  open();
  return () => {
    source?.close();
    clearTimeout(timer);
  };
}
