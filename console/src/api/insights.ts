// Insights: which there are, what happened in one, and the services around it.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { formatRange, windowOf } from '../lib/range.ts';
import type { TimeRange, Window } from '../lib/range.ts';
import { ofService } from '../model/filter.ts';
import { graphOf, keyOf } from '../model/graph.ts';
import type { Graph, RawService } from '../model/graph.ts';
import { eventsOf, expectedOf, insightOf } from '../model/insight.ts';
import type {
  Blamed,
  Expected,
  Insight,
  InsightEvent,
  RawInsight,
  RawInsightEvent,
  RawPeriod,
} from '../model/insight.ts';
import { groupsQuery } from './groups.ts';
import { retry } from './queries.ts';
import { pages, xray } from './xray.ts';

/** How often open insights are looked at again: the server judges once a minute. */
const AGAIN_MS = 20_000;
const DAY_MS = 864e5;

interface SummariesAnswer {
  InsightSummaries?: RawInsight[];
  NextToken?: string | null;
}

async function summaries(group: string, window: Window, state: object, signal: AbortSignal) {
  const answers = await pages<SummariesAnswer>(
    'GetInsightSummaries',
    { GroupName: group, StartTime: window.from / 1e3, EndTime: window.to / 1e3, ...state },
    signal,
  );
  return answers.flatMap((answer) => (answer.InsightSummaries ?? []).map(insightOf));
}

/** Returns the insights of a range, newest first: those of one group, or of all when it is empty. */
export function insightsQuery(range: TimeRange, group: string) {
  return queryOptions({
    queryKey: ['insights', formatRange(range), group],
    queryFn: async ({ signal, client }): Promise<Insight[]> => {
      const window = windowOf(range, Date.now());
      const groups = await client.fetchQuery(groupsQuery());
      const names = groups.map((one) => one.name).filter((name) => !group || name === group);
      const found = await Promise.all(names.map((name) => summaries(name, window, {}, signal)));
      return found.flat().sort((a, b) => b.from - a.from || (a.id < b.id ? -1 : 1));
    },
    placeholderData: keepPreviousData,
    refetchInterval: AGAIN_MS,
    retry,
  });
}

/** Returns how many insights are active now, over all groups. */
export function activeCountQuery() {
  return queryOptions({
    queryKey: ['active insights'],
    queryFn: async ({ signal, client }): Promise<number> => {
      const now = Date.now();
      const groups = await client.fetchQuery(groupsQuery());
      const counts = await Promise.all(
        groups
          .filter((group) => group.hasInsights)
          .map((group) =>
            summaries(group.name, { from: now - DAY_MS, to: now }, { States: ['ACTIVE'] }, signal),
          ),
      );
      return counts.reduce((sum, all) => sum + all.length, 0);
    },
    refetchInterval: AGAIN_MS,
    retry,
  });
}

export function insightQuery(id: string) {
  return queryOptions({
    queryKey: ['insight', id],
    queryFn: async ({ signal }): Promise<Insight> => {
      const answer = await xray<{ Insight?: RawInsight }>('GetInsight', { InsightId: id }, signal);
      return insightOf(answer.Insight ?? {});
    },
    refetchInterval: (query) => (query.state.data?.isActive === false ? false : AGAIN_MS),
    retry,
  });
}

/** Returns what happened in an insight, from first to last. */
export function eventsQuery(insight: Insight) {
  return queryOptions({
    queryKey: ['insight events', insight.id, insight.isActive],
    queryFn: async ({ signal }): Promise<InsightEvent[]> => {
      const answers = await pages<{
        InsightEvents?: RawInsightEvent[];
        NextToken?: string | null;
      }>('GetInsightEvents', { InsightId: insight.id }, signal);
      return eventsOf(
        answers.flatMap((answer) => answer.InsightEvents ?? []),
        insight.isActive,
      );
    },
    placeholderData: keepPreviousData,
    refetchInterval: insight.isActive ? AGAIN_MS : false,
    retry,
  });
}

/** Returns the minutes of a service, with how many faults were to be expected in each. */
export function expectedQuery(insight: Insight, service: Blamed, window: Window) {
  return queryOptions({
    queryKey: ['expected', insight.id, service.key, minute(window.from), minute(window.to)],
    queryFn: async ({ signal }): Promise<Expected[]> => {
      const answers = await pages<{
        TimeSeriesServiceStatistics?: RawPeriod[];
        NextToken?: string | null;
      }>(
        'GetTimeSeriesServiceStatistics',
        {
          StartTime: window.from / 1e3,
          EndTime: window.to / 1e3,
          GroupName: insight.group,
          EntitySelectorExpression: ofService(service),
          Period: 60,
          ForecastStatistics: true,
        },
        signal,
      );
      return expectedOf(answers.flatMap((answer) => answer.TimeSeriesServiceStatistics ?? []));
    },
    placeholderData: keepPreviousData,
    retry,
  });
}

/** Returns the keys of the services that an insight has to do with. */
export function impactQuery(insight: Insight, window: Window) {
  return queryOptions({
    queryKey: ['impact', insight.id, minute(window.from), minute(window.to)],
    queryFn: async ({ signal }): Promise<ReadonlySet<string>> => {
      const answers = await pages<{ Services?: RawService[]; NextToken?: string | null }>(
        'GetInsightImpactGraph',
        { InsightId: insight.id, StartTime: window.from / 1e3, EndTime: window.to / 1e3 },
        signal,
      );
      const services = answers.flatMap((answer) => answer.Services ?? []);
      return new Set(services.map((one) => keyOf(one.Name ?? '', one.Type ?? '')));
    },
    placeholderData: keepPreviousData,
    retry,
  });
}

/** Returns the services of a group in some minutes. */
export function groupGraphQuery(group: string, window: Window) {
  return queryOptions({
    queryKey: ['group graph', group, minute(window.from), minute(window.to)],
    queryFn: async ({ signal }): Promise<Graph> => {
      const answers = await pages<{ Services?: RawService[]; NextToken?: string | null }>(
        'GetServiceGraph',
        { GroupName: group, StartTime: window.from / 1e3, EndTime: window.to / 1e3 },
        signal,
      );
      return graphOf(answers.flatMap((answer) => answer.Services ?? []));
    },
    placeholderData: keepPreviousData,
    retry,
  });
}

const minute = (at: number) => Math.floor(at / 6e4);
