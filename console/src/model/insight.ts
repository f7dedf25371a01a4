// Insights: periods in which a service faulted more often than its past lets expect.
import type { EpochMs, Milliseconds, UnitShare } from '../lib/units.ts';
import { keyOf } from './graph.ts';

/** Requests, by how they ended. */
export interface Impact {
  total: number;
  ok: number;
  /** Neither a success nor a fault: 4xx. */
  error: number;
  fault: number;
}

/** A service as insights name it. */
export interface Blamed {
  /** As in the service graph. */
  key: string;
  name: string;
  type: string;
}

export interface Insight {
  id: string;
  group: string;
  isActive: boolean;
  root: Blamed | undefined;
  /** Services that faulted beyond expectation, worst first. */
  anomalous: readonly Blamed[];
  from: EpochMs;
  /** Absent while it goes on. */
  to: EpochMs | undefined;
  categories: readonly string[];
  clients: Impact;
  rootImpact: Impact;
  /** What the server says of it, in English. */
  text: string;
}

/** A moment in which something changed. */
export interface InsightEvent {
  at: EpochMs;
  kind: 'opened' | 'grew' | 'moved' | 'closed';
  clients: Impact;
  rootImpact: Impact;
  anomalous: readonly Blamed[];
  text: string;
}

interface RawImpact {
  FaultCount?: number | null;
  OkCount?: number | null;
  TotalCount?: number | null;
}
interface RawServiceId {
  Name?: string | null;
  Type?: string | null;
}
type RawAnomalous = { ServiceId?: RawServiceId | null }[] | null;

/** An insight as the API has it; only what is read here. */
export interface RawInsight {
  InsightId?: string | null;
  GroupName?: string | null;
  State?: string | null;
  RootCauseServiceId?: RawServiceId | null;
  TopAnomalousServices?: RawAnomalous;
  StartTime?: number | null;
  EndTime?: number | null;
  Categories?: string[] | null;
  ClientRequestImpactStatistics?: RawImpact | null;
  RootCauseServiceRequestImpactStatistics?: RawImpact | null;
  Summary?: string | null;
}

export interface RawInsightEvent {
  EventTime?: number | null;
  Summary?: string | null;
  TopAnomalousServices?: RawAnomalous;
  ClientRequestImpactStatistics?: RawImpact | null;
  RootCauseServiceRequestImpactStatistics?: RawImpact | null;
}

function impactOf(raw: RawImpact | null | undefined): Impact {
  const [total, ok, fault] = [raw?.TotalCount ?? 0, raw?.OkCount ?? 0, raw?.FaultCount ?? 0];
  return { total, ok, fault, error: Math.max(0, total - ok - fault) };
}

function blamedOf(raw: RawServiceId): Blamed {
  const [name, type] = [raw.Name ?? '', raw.Type ?? ''];
  return { key: keyOf(name, type), name, type };
}

function allBlamed(raw: RawAnomalous | undefined): Blamed[] {
  return (raw ?? []).flatMap((one) => (one.ServiceId ? [blamedOf(one.ServiceId)] : []));
}

export function insightOf(raw: RawInsight): Insight {
  return {
    id: raw.InsightId ?? '',
    group: raw.GroupName ?? '',
    isActive: raw.State === 'ACTIVE',
    root: raw.RootCauseServiceId ? blamedOf(raw.RootCauseServiceId) : undefined,
    anomalous: allBlamed(raw.TopAnomalousServices),
    from: (raw.StartTime ?? 0) * 1e3,
    to: raw.EndTime == null ? undefined : raw.EndTime * 1e3,
    categories: raw.Categories ?? [],
    clients: impactOf(raw.ClientRequestImpactStatistics),
    rootImpact: impactOf(raw.RootCauseServiceRequestImpactStatistics),
    text: raw.Summary ?? '',
  };
}

/** Returns events from the first to the last; the API has the newest first. */
export function eventsOf(
  newestFirst: readonly RawInsightEvent[],
  isActive: boolean,
): InsightEvent[] {
  const last = newestFirst.length - 1;
  return newestFirst
    .map((raw, index): InsightEvent => ({
      at: (raw.EventTime ?? 0) * 1e3,
      kind: index === last ? 'opened' : index === 0 && !isActive ? 'closed' : kindOf(raw),
      clients: impactOf(raw.ClientRequestImpactStatistics),
      rootImpact: impactOf(raw.RootCauseServiceRequestImpactStatistics),
      anomalous: allBlamed(raw.TopAnomalousServices),
      text: raw.Summary ?? '',
    }))
    .reverse();
}

/** Only the words of an event say which service it blames. */
function kindOf(raw: RawInsightEvent): 'grew' | 'moved' {
  return /root cause/.test(raw.Summary ?? '') ? 'moved' : 'grew';
}

export function faultShare({ fault, total }: Impact): UnitShare {
  return total === 0 ? 0 : fault / total;
}

/** Returns how bad it is for clients: from 1 % on something to act on, from 10 % on an outage. */
export function severityOf(insight: Insight): 'low' | 'medium' | 'high' {
  const share = faultShare(insight.clients);
  return share >= 0.1 ? 'high' : share >= 0.01 ? 'medium' : 'low';
}

/** Returns how long it went on. */
export function lengthOf(insight: Insight, now: EpochMs): Milliseconds {
  return Math.max(0, (insight.to ?? now) - insight.from);
}

/** The insights of one root cause in one group, side by side in time. */
export interface Lane {
  key: string;
  name: string;
  group: string;
  insights: readonly Insight[];
}

/** Returns a lane for each root cause of each group: those with active insights first, then the latest. */
export function lanesOf(insights: readonly Insight[]): Lane[] {
  const lanes = new Map<string, { name: string; group: string; insights: Insight[] }>();
  for (const insight of insights) {
    const { root, group } = insight;
    const key = `${group} ${root?.key ?? ''}`;
    const lane = lanes.get(key) ?? { name: root?.name ?? '', group, insights: [] };
    lane.insights.push(insight);
    lanes.set(key, lane);
  }
  const rank = (all: readonly Insight[]) =>
    Math.max(...all.map((one) => (one.isActive ? Infinity : (one.to ?? one.from))));
  return [...lanes]
    .map(([key, lane]) => ({ key, ...lane }))
    .sort((a, b) => {
      const [left, right] = [rank(a.insights), rank(b.insights)];
      return left === right ? a.key.localeCompare(b.key) : right - left;
    });
}

/** A minute of one service, with what was to be expected. */
export interface Expected {
  /** The end of the minute. */
  at: EpochMs;
  requests: number;
  faults: number;
  low: number | undefined;
  high: number | undefined;
}

export interface RawPeriod {
  Timestamp?: number | null;
  ServiceSummaryStatistics?: {
    TotalCount?: number | null;
    FaultStatistics?: { TotalCount?: number | null } | null;
  } | null;
  ServiceForecastStatistics?: {
    FaultCountHigh?: number | null;
    FaultCountLow?: number | null;
  } | null;
}

/** Returns the minutes from the first to the last; those in which nothing was counted are left out. */
export function expectedOf(raw: readonly RawPeriod[]): Expected[] {
  return raw
    .map((one) => ({
      at: (one.Timestamp ?? 0) * 1e3,
      requests: one.ServiceSummaryStatistics?.TotalCount ?? 0,
      faults: one.ServiceSummaryStatistics?.FaultStatistics?.TotalCount ?? 0,
      low: one.ServiceForecastStatistics?.FaultCountLow ?? undefined,
      high: one.ServiceForecastStatistics?.FaultCountHigh ?? undefined,
    }))
    .sort((a, b) => a.at - b.at);
}

/** Returns the window to look at: the insight with as much again around it as shows the change. */
export function around(insight: Insight, now: EpochMs): { from: EpochMs; to: EpochMs } {
  const margin = Math.min(18e5, Math.max(3e5, lengthOf(insight, now) / 2));
  const to = Math.min(now, (insight.to ?? now) + margin);
  // One request may ask for six hours at most.
  return { from: Math.max(insight.from - margin, to - 6 * 36e5), to };
}
