// What the map asks for: the graph and what goes with it, the numbers of its panel, where cards stand.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { formatRange, windowOf } from '../lib/range.ts';
import type { TimeRange, Window } from '../lib/range.ts';
import type { EpochMs, Milliseconds } from '../lib/units.ts';
import { annotationOf } from '../model/collapse.ts';
import type { Fold, Labels } from '../model/collapse.ts';
import { graphOf, keyOf } from '../model/graph.ts';
import type { Graph, RawService } from '../model/graph.ts';
import type { Extra } from '../model/live.ts';
import type { Outcome } from '../model/status.ts';
import { ApiError, call } from './client.ts';
import { post } from './console.ts';
import type { Schema } from './console.ts';

/** What live mode asks again. */
const meta = { isLive: true };
const WAITING_MS = 2_000;
/** Longer windows are not answered by GetServiceGraph. */
const GRAPH_MS_MAX = 6 * 36e5;

/** Which traces. */
export interface MapScope {
  range: TimeRange;
  filter: string;
  group: string;
  isLive: boolean;
}

/** A graph and what it tells of. */
export interface MapAnswer {
  graph: Graph;
  window: Window;
  /** How long something was seen at all: from the first to the end of the window. */
  minutes: number;
  isExact: boolean;
}

const keyOfScope = (scope: MapScope) =>
  [formatRange(scope.range), scope.filter, scope.group] as const;

function bodyOf({ from, to }: Window, { filter, group }: Pick<MapScope, 'filter' | 'group'>) {
  return {
    from: Math.round(from * 1e3),
    to: Math.round(to * 1e3),
    ...(filter !== '' && { filter }),
    ...(group !== '' && { group }),
  };
}

/** What the server refuses does not get better by asking again. */
function retry(count: number, error: Error): boolean {
  const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return (!isRefused || (error as ApiError).status === 429) && count < 3;
}

/** Returns the services of a range and their calls. */
export function mapQuery(scope: MapScope) {
  return queryOptions({
    queryKey: ['map', ...keyOfScope(scope)],
    queryFn: ({ signal }) => readMap(windowOf(scope.range, Date.now()), scope, signal),
    placeholderData: keepPreviousData,
    meta,
    refetchInterval: (query) => {
      const isWaiting = scope.range.kind === 'last' && query.state.data?.graph.nodes.length === 0;
      return isWaiting ? WAITING_MS : false;
    },
    retry,
  });
}

async function readMap(window: Window, scope: MapScope, signal: AbortSignal): Promise<MapAnswer> {
  const { from, to } = window;
  const isPlain = scope.filter === '' && scope.group === '' && to - from <= GRAPH_MS_MAX;
  const answer = isPlain ? undefined : await post('map/graph', bodyOf(window, scope), { signal });
  const services = answer ? (answer.services as RawService[]) : await readPlain(window, signal);
  const first = Math.min(...services.map((one) => (one.StartTime ?? Infinity) * 1e3));
  const seen = to - Math.max(from, Number.isFinite(first) ? first : from);
  return {
    graph: graphOf(services),
    window,
    minutes: Math.max(1, seen / 6e4),
    isExact: answer?.exact ?? true,
  };
}

async function readPlain({ from, to }: Window, signal: AbortSignal): Promise<RawService[]> {
  const services: RawService[] = [];
  let token: string | null = null;
  do {
    const body = {
      StartTime: from / 1e3,
      EndTime: to / 1e3,
      ...(token !== null && { NextToken: token }),
    };
    const answer: { Services?: RawService[]; NextToken?: string | null } = await call(
      '/ServiceGraph',
      body,
      signal,
    );
    services.push(...(answer.Services ?? []));
    token = answer.NextToken ?? null;
  } while (token !== null);
  return services;
}

/** Returns what else is known of each service, by its key. */
export function extraQuery(scope: MapScope, isWanted: boolean) {
  return queryOptions({
    queryKey: ['map extra', ...keyOfScope(scope)],
    queryFn: async ({ signal }) => {
      const body = bodyOf(windowOf(scope.range, Date.now()), scope);
      const answer = await post('map/extra', body, { signal });
      return new Map(
        answer.nodes.map((node) => [keyOf(node.name, node.type ?? ''), extraOf(node)]),
      );
    },
    enabled: isWanted,
    placeholderData: keepPreviousData,
    meta,
    retry,
  });
}

/** Returns what each service belongs to: a group, or what it carries as an annotation. */
export function labelsQuery(scope: MapScope, by: Fold | undefined) {
  const key = by && annotationOf(by);
  return queryOptions({
    queryKey: ['map labels', ...keyOfScope(scope), by],
    queryFn: async ({ signal }): Promise<Labels> => {
      const body = {
        ...bodyOf(windowOf(scope.range, Date.now()), scope),
        by: key ? `annotation:${key}` : 'group',
      };
      const { labels } = await post('map/labels', body, { signal });
      return new Map(labels.map(({ name, type, label }) => [keyOf(name, type ?? ''), label]));
    },
    enabled: by !== undefined,
    // Those of another time are better than none, those of another kind are not.
    placeholderData: (before: Labels | undefined, query) =>
      query?.queryKey.at(-1) === by ? before : undefined,
    staleTime: 60_000,
    meta,
    retry,
  });
}

function extraOf({ firstSeen, faultOrigins, p50, p95, p99 }: Schema<'NodeExtra'>): Extra {
  const has = typeof p50 === 'number' && typeof p95 === 'number' && typeof p99 === 'number';
  return {
    firstSeen: typeof firstSeen === 'number' ? firstSeen / 1e3 : undefined,
    origins: faultOrigins ?? 0,
    percentiles: has ? { p50: p50 / 1e3, p95: p95 / 1e3, p99: p99 / 1e3 } : undefined,
  };
}

/** A service or a call, as the API names it. */
export interface SubjectName {
  node?: { name: string; type: string };
  edge?: { from: { name: string; type: string }; to: { name: string; type: string } };
}

export type Counts = Record<Outcome, number>;

/** How response times are spread; times in seconds, as filters have them. */
export interface Spread {
  bins: ({ from: number; to: number } & Counts)[];
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** Returns how the response times of a service or call are spread, by outcome. */
export function spreadQuery(scope: MapScope, subject: SubjectName | undefined) {
  return queryOptions({
    queryKey: ['map spread', ...keyOfScope(scope), JSON.stringify(subject)],
    queryFn: async ({ signal }): Promise<Spread> => {
      const body = { ...bodyOf(windowOf(scope.range, Date.now()), scope), ...subject };
      const raw = await post('histogram', body, { signal });
      const seconds = (micros: number | null) => (micros === null ? null : micros / 1e6);
      const bins = raw.buckets.map((bin) => ({ ...bin, from: bin.from / 1e6, to: bin.to / 1e6 }));
      return { bins, p50: seconds(raw.p50), p95: seconds(raw.p95), p99: seconds(raw.p99) };
    },
    enabled: subject !== undefined,
    placeholderData: keepPreviousData,
    meta,
    retry,
  });
}

/** Returns how many traces an expression finds. */
export function countQuery(scope: MapScope) {
  return queryOptions({
    queryKey: ['map count', ...keyOfScope(scope)],
    queryFn: async ({ signal }) => {
      const body = bodyOf(windowOf(scope.range, Date.now()), scope);
      return post('traces/count', body, { signal });
    },
    placeholderData: keepPreviousData,
    meta,
    retry,
  });
}

export interface UrlRow {
  key: string;
  filter: string;
  traces: number;
  fault: number;
  average: Milliseconds | null;
  p95: Milliseconds | null;
}

/** Returns the addresses that were asked for, the most frequent first. */
export function urlsQuery(scope: MapScope) {
  return queryOptions({
    queryKey: ['map urls', ...keyOfScope(scope)],
    queryFn: async ({ signal }): Promise<UrlRow[]> => {
      const body = { ...bodyOf(windowOf(scope.range, Date.now()), scope), by: 'url', limit: 20 };
      const raw = await post('traces/aggregate', body, { signal });
      const ms = (micros: number | null) => (micros === null ? null : micros / 1e3);
      return raw.groups.map(({ key, filter, measures }) => ({
        key,
        filter,
        traces: measures.traces,
        fault: measures.fault,
        average: ms(measures.average),
        p95: ms(measures.p95),
      }));
    },
    placeholderData: keepPreviousData,
    retry,
  });
}

/** Traces by time and outcome. */
export interface Strip {
  start: EpochMs;
  width: Milliseconds;
  steps: ({ at: EpochMs } & Counts)[];
}

/** Returns how many traces began when. */
export function stripQuery(scope: MapScope) {
  return queryOptions({
    queryKey: ['map strip', ...keyOfScope(scope)],
    queryFn: async ({ signal }): Promise<Strip & Window> => {
      const window = windowOf(scope.range, Date.now());
      const raw = await post('traces/series', bodyOf(window, scope), { signal });
      const steps = raw.steps.map((step) => ({ ...step, at: step.at / 1e3 }));
      return { start: raw.start / 1e3, width: raw.width / 1e3, steps, ...window };
    },
    placeholderData: keepPreviousData,
    meta,
    retry,
  });
}

/** One period of a service or call. */
export interface Period {
  at: EpochMs;
  counts: Counts;
  total: number;
  average: Milliseconds | null;
  bars: readonly { value: number; count: number }[];
  /** Faults that are expected, at least and at most. */
  expected: readonly [low: number, high: number] | undefined;
}

interface RawPeriod {
  Timestamp: number;
  EdgeSummaryStatistics?: RawCounts | null;
  ServiceSummaryStatistics?: RawCounts | null;
  ServiceForecastStatistics?: {
    FaultCountHigh?: number | null;
    FaultCountLow?: number | null;
  } | null;
  ResponseTimeHistogram?: { Value: number; Count: number }[] | null;
}
interface RawCounts {
  OkCount?: number | null;
  TotalCount?: number | null;
  TotalResponseTime?: number | null;
  ErrorStatistics?: { ThrottleCount?: number | null; TotalCount?: number | null } | null;
  FaultStatistics?: { TotalCount?: number | null } | null;
}

/** Returns the periods of what `selector` names, with what is expected of a service. */
export function periodsQuery(scope: MapScope, selector: string, isService: boolean) {
  return queryOptions({
    queryKey: ['map periods', formatRange(scope.range), scope.group, selector],
    queryFn: async ({ signal }) => {
      const { to, from } = windowOf(scope.range, Date.now());
      const start = Math.max(from, to - GRAPH_MS_MAX);
      const answer: { TimeSeriesServiceStatistics?: RawPeriod[] } = await call(
        '/TimeSeriesServiceStatistics',
        {
          StartTime: start / 1e3,
          EndTime: to / 1e3,
          EntitySelectorExpression: selector,
          Period: to - start > 2 * 36e5 ? 300 : 60,
          ForecastStatistics: isService,
          ...(scope.group !== '' && { GroupName: scope.group }),
        },
        signal,
      );
      // The newest comes first.
      return (answer.TimeSeriesServiceStatistics ?? []).map(periodOf).sort((a, b) => a.at - b.at);
    },
    placeholderData: keepPreviousData,
    meta,
    retry,
  });
}

function periodOf(raw: RawPeriod): Period {
  const stats = raw.ServiceSummaryStatistics ?? raw.EdgeSummaryStatistics ?? {};
  const total = stats.TotalCount ?? 0;
  const throttle = stats.ErrorStatistics?.ThrottleCount ?? 0;
  const { FaultCountLow: low, FaultCountHigh: high } = raw.ServiceForecastStatistics ?? {};
  return {
    at: raw.Timestamp * 1e3,
    counts: {
      ok: stats.OkCount ?? 0,
      error: (stats.ErrorStatistics?.TotalCount ?? 0) - throttle,
      throttle,
      fault: stats.FaultStatistics?.TotalCount ?? 0,
    },
    total,
    average: total > 0 ? ((stats.TotalResponseTime ?? 0) / total) * 1e3 : null,
    bars: (raw.ResponseTimeHistogram ?? []).map((bar) => ({ value: bar.Value, count: bar.Count })),
    expected: typeof high === 'number' ? [low ?? 0, high] : undefined,
  };
}

/** An insight that is open, as far as the map speaks of it. */
export interface OpenInsight {
  id: string;
  summary: string;
  start: EpochMs;
  end: EpochMs | null;
  isActive: boolean;
  /** Keys of the services that it names. */
  services: string[];
}

interface RawInsight {
  InsightId?: string;
  State?: string;
  StartTime?: number;
  EndTime?: number | null;
  Summary?: string | null;
  RootCauseServiceId?: { Name?: string; Type?: string } | null;
  TopAnomalousServices?: { ServiceId?: { Name?: string; Type?: string } | null }[] | null;
}

/** Returns the insights of the window. */
export function insightsQuery(scope: MapScope) {
  return queryOptions({
    queryKey: ['map insights', formatRange(scope.range), scope.group],
    queryFn: async ({ signal }): Promise<OpenInsight[]> => {
      const { from, to } = windowOf(scope.range, Date.now());
      const answer: { InsightSummaries?: RawInsight[] } = await call(
        '/InsightSummaries',
        { StartTime: from / 1e3, EndTime: to / 1e3, GroupName: scope.group || 'Default' },
        signal,
      );
      return (answer.InsightSummaries ?? []).map(insightOf);
    },
    meta,
    retry,
  });
}

function insightOf(raw: RawInsight): OpenInsight {
  const named = [
    raw.RootCauseServiceId,
    ...(raw.TopAnomalousServices ?? []).map((one) => one.ServiceId),
  ];
  return {
    id: raw.InsightId ?? '',
    summary: raw.Summary ?? '',
    start: (raw.StartTime ?? 0) * 1e3,
    end: raw.EndTime ? raw.EndTime * 1e3 : null,
    isActive: raw.State === 'ACTIVE',
    services: [
      ...new Set(named.flatMap((one) => (one?.Name ? [keyOf(one.Name, one.Type ?? '')] : []))),
    ],
  };
}
