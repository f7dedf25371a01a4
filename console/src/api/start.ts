// What the first minutes need: the server's addresses, and whether a trace has come.
import { queryOptions } from '@tanstack/react-query';
import { summaryOf } from '../model/summary.ts';
import type { RawSummary, Summary } from '../model/summary.ts';
import { call } from './client.ts';
import { get } from './console.ts';
import { retry } from './queries.ts';

const AGAIN_MS = 2_000;
/** How far back a trace counts as one that has just come. */
const RECENT_SECS = 60;

/** Returns what this server is. */
export function infoQuery() {
  return queryOptions({
    queryKey: ['info'],
    queryFn: ({ signal }) => get('info', { signal }),
    staleTime: 60_000,
    retry,
  });
}

/** Returns the newest of the traces that began in the last minute, asked again and again. */
export function newestQuery() {
  return queryOptions({
    queryKey: ['newest trace'],
    queryFn: async ({ signal }): Promise<Summary | null> => {
      const now = Date.now() / 1e3;
      const answer = await call<{ TraceSummaries?: RawSummary[] }>(
        '/console/api/xray/GetTraceSummaries',
        { StartTime: now - RECENT_SECS, EndTime: now + 1 },
        signal,
      );
      const all = (answer.TraceSummaries ?? []).map(summaryOf);
      return all.sort((a, b) => b.startedAt - a.startedAt)[0] ?? null;
    },
    refetchInterval: AGAIN_MS,
    retry,
  });
}
