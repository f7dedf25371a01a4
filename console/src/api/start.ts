// What the first minutes need: the server's addresses, and whether a trace has come.
import { queryOptions } from '@tanstack/react-query';
import { orderOf } from '../model/traces.ts';
import { get } from './console.ts';
import { retry } from './scope.ts';
import { allRows } from './traces.ts';

const AGAIN_MS = 2_000;
/** How far back a trace counts as one that has just come. */
const RECENT_MS = 60_000;
const WEEK_MS = 7 * 864e5;

/** Returns what this server is. */
export function infoQuery() {
  return queryOptions({
    queryKey: ['info'],
    queryFn: ({ signal }) => get('info', { signal }),
    staleTime: 60_000,
    retry,
  });
}

/** Returns the newest trace of the last seconds or of the last week, asked again and again. */
export function newestQuery(since: 'now' | 'week', isWanted = true) {
  return queryOptions({
    queryKey: ['newest trace', since],
    queryFn: async ({ signal }) => {
      const length = since === 'now' ? RECENT_MS : WEEK_MS;
      const chosen = { range: { kind: 'last' as const, length }, filter: '', group: '' };
      for await (const row of allRows(chosen, orderOf('newest'), 1, signal)) return row;
      return null;
    },
    enabled: isWanted,
    refetchInterval: AGAIN_MS,
    retry,
  });
}
