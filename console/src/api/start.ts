// What the first minutes need: the server's addresses, and whether a trace has come.
import { queryOptions } from '@tanstack/react-query';
import type { TraceRow } from '../model/traces.ts';
import { get } from './console.ts';
import { retry } from './scope.ts';
import { allRows } from './traces.ts';

const AGAIN_MS = 2_000;
/** How far back a trace counts as one that has just come. */
export const RECENT_MS = 60_000;
/** How far back a trace is looked for when none has just come. */
export const LATELY_MS = 7 * 864e5;

/** Returns what this server is. */
export function infoQuery() {
  return queryOptions({
    queryKey: ['info'],
    queryFn: ({ signal }) => get('info', { signal }),
    staleTime: 60_000,
    retry,
  });
}

/** Returns the newest of the traces that began so lately, asked again and again. */
export function newestQuery(length: number, isWanted = true) {
  const range = { kind: 'last', length } as const;
  const order = { by: 'start', isDescending: true } as const;
  return queryOptions({
    queryKey: ['newest trace', length],
    queryFn: async ({ signal }): Promise<TraceRow | null> => {
      for await (const row of allRows({ range, filter: '', group: '' }, order, 1, signal))
        return row;
      return null;
    },
    enabled: isWanted,
    refetchInterval: AGAIN_MS,
    retry,
  });
}
