// What pages ask for, with what is kept of it.
//
// Sorting, grouping and counting belong on the server; until it offers them, as many summaries as
// `SUMMARIES_MAX` are read here, and the pages say when there are more.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { windowOf } from '../lib/range.ts';
import type { TimeRange } from '../lib/range.ts';
import { formatRange } from '../lib/range.ts';
import { graphOf } from '../model/graph.ts';
import type { Graph, RawService } from '../model/graph.ts';
import { summaryOf } from '../model/summary.ts';
import type { RawSummary, Summary } from '../model/summary.ts';
import { buildTrace } from '../model/tree.ts';
import type { RawTrace, Trace } from '../model/tree.ts';
import { ApiError, call } from './client.ts';

/** How many summaries the list reads. */
export const SUMMARIES_MAX = 10_000;
const LIVE_MS = 5_000;
const WAITING_MS = 2_000;

/** Which traces. */
export interface Scope {
  range: TimeRange;
  filter: string;
  isLive?: boolean;
}

/** Traces that were found. */
export interface Found {
  summaries: Summary[];
  /** How many traces were looked at. */
  scanned: number;
  /** Whether these are all. */
  isComplete: boolean;
}

interface SummariesAnswer {
  TraceSummaries?: RawSummary[];
  TracesProcessedCount?: number | null;
  NextToken?: string | null;
}

/** What does not get better by asking again. */
export function retry(count: number, error: Error): boolean {
  const isOurs = error instanceof ApiError && error.status >= 400 && error.status < 500;
  const mayPass = !isOurs || (error as ApiError).status === 429;
  return mayPass && count < 3;
}

async function findTraces(scope: Scope, most: number, signal: AbortSignal): Promise<Found> {
  const { from, to } = windowOf(scope.range, Date.now());
  const summaries: Summary[] = [];
  let scanned = 0;
  let token: string | null = null;
  do {
    const answer: SummariesAnswer = await call(
      '/TraceSummaries',
      {
        StartTime: from / 1e3,
        EndTime: to / 1e3,
        ...(scope.filter !== '' && { FilterExpression: scope.filter }),
        ...(token !== null && { NextToken: token }),
      },
      signal,
    );
    for (const raw of answer.TraceSummaries ?? []) summaries.push(summaryOf(raw));
    scanned = Math.max(scanned, answer.TracesProcessedCount ?? 0);
    token = answer.NextToken ?? null;
  } while (token !== null && summaries.length < most);
  return { summaries: summaries.slice(0, most), scanned, isComplete: token === null };
}

/** Returns the traces of a range that the filter lets through. */
export function tracesQuery(scope: Scope) {
  return queryOptions({
    queryKey: ['traces', formatRange(scope.range), scope.filter],
    queryFn: ({ signal }) => findTraces(scope, SUMMARIES_MAX, signal),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => {
      if (scope.isLive) return LIVE_MS;
      // Whoever waits for a first trace sees it come.
      const isWaiting = scope.range.kind === 'last' && query.state.data?.summaries.length === 0;
      return isWaiting ? WAITING_MS : false;
    },
    retry,
  });
}

/** Returns whether anything came in the last week, asked again until something did. */
export function anythingQuery(isWanted: boolean) {
  return queryOptions({
    queryKey: ['anything'],
    queryFn: ({ signal }) =>
      findTraces({ range: { kind: 'last', length: 7 * 864e5 }, filter: '' }, 1, signal),
    enabled: isWanted,
    refetchInterval: WAITING_MS,
    retry,
  });
}

/** Returns one trace, or `null` when there is none of that id. */
export function traceQuery(id: string) {
  return queryOptions({
    queryKey: ['trace', id],
    queryFn: async ({ signal }): Promise<{ trace: Trace; raw: RawTrace } | null> => {
      const answer = await call<{ Traces?: RawTrace[] }>('/Traces', { TraceIds: [id] }, signal);
      const raw = answer.Traces?.[0];
      return raw ? { trace: buildTrace(raw), raw } : null;
    },
    refetchInterval: (query) => (query.state.data?.trace.isInProgress ? LIVE_MS : false),
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
