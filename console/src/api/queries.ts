// What pages ask for, with what is kept of it.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { windowOf } from '../lib/range.ts';
import type { TimeRange } from '../lib/range.ts';
import { formatRange } from '../lib/range.ts';
import { graphOf } from '../model/graph.ts';
import type { Graph, RawService } from '../model/graph.ts';
import { buildTrace } from '../model/tree.ts';
import type { RawTrace, Trace } from '../model/tree.ts';
import { call } from './client.ts';
import { retry } from './scope.ts';

export { retry };

const LIVE_MS = 5_000;
const WAITING_MS = 2_000;

/** Which traces. */
export interface Scope {
  range: TimeRange;
  filter: string;
  isLive?: boolean;
}

/** A trace as it came and as it is shown; `null` when there is none. */
type FoundTrace = { trace: Trace; raw: RawTrace } | null;

/** Works know their callers and their callees: going through them all, as is done by default to find
 * out what is still the same, would not come to an end. What came says it as well. */
function isSame(before: FoundTrace | undefined, now: FoundTrace): boolean {
  if (!before || !now) return before === now;
  const [a, b] = [before.raw, now.raw];
  return (
    a.LimitExceeded === b.LimitExceeded &&
    a.Segments.length === b.Segments.length &&
    a.Segments.every((one, index) => one.Document === b.Segments[index]?.Document)
  );
}

/** Returns one trace, or `null` when there is none of that id. */
export function traceQuery(id: string) {
  return queryOptions({
    queryKey: ['trace', id],
    queryFn: async ({ signal }): Promise<FoundTrace> => {
      const answer = await call<{ Traces?: RawTrace[] }>('/Traces', { TraceIds: [id] }, signal);
      const raw = answer.Traces?.[0];
      return raw ? { trace: buildTrace(raw), raw } : null;
    },
    refetchInterval: (query) => (query.state.data?.trace.isInProgress ? LIVE_MS : false),
    structuralSharing: (before, now) =>
      isSame(before as FoundTrace | undefined, now as FoundTrace) ? before : now,
    retry,
  });
}

/** Returns the services of one trace and their calls. */
export function traceGraphQuery(id: string) {
  return queryOptions({
    queryKey: ['trace graph', id],
    queryFn: ({ signal }) => graph('/TraceGraph', { TraceIds: [id] }, signal),
    retry,
  });
}

/** Returns the services of a range and their calls. */
export function graphQuery(scope: Scope) {
  return queryOptions({
    queryKey: ['graph', formatRange(scope.range)],
    queryFn: ({ signal }) => {
      const { from, to } = windowOf(scope.range, Date.now());
      return graph('/ServiceGraph', { StartTime: from / 1e3, EndTime: to / 1e3 }, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      if (scope.isLive) return LIVE_MS;
      const isWaiting = scope.range.kind === 'last' && query.state.data?.nodes.length === 0;
      return isWaiting ? WAITING_MS : false;
    },
    retry,
  });
}

async function graph(path: string, body: object, signal: AbortSignal): Promise<Graph> {
  const services: RawService[] = [];
  let token: string | null = null;
  do {
    const answer: { Services?: RawService[]; NextToken?: string | null } = await call(
      path,
      { ...body, ...(token !== null && { NextToken: token }) },
      signal,
    );
    services.push(...(answer.Services ?? []));
    token = answer.NextToken ?? null;
  } while (token !== null);
  return graphOf(services);
}
