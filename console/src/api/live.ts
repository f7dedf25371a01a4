// The stream of what happens on the server.
import type { EpochMs } from '../lib/units.ts';
import type { Schema } from './console.ts';

/** What each event of the stream tells. */
type Events = Schema<'LiveEvents'>;

export interface Listener {
  opened: () => void;
  trace: (row: Events['trace']) => void;
  tick: (tick: Events['tick']) => void;
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
    const told = <Kind extends keyof Events>(kind: Kind, tell: (what: Events[Kind]) => void) =>
      source?.addEventListener(kind, (event) => tell(JSON.parse(event.data) as Events[Kind]));
    told('trace', listener.trace);
    told('tick', listener.tick);
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
