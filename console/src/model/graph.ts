// The service graph: what the API returns, made ready to be drawn.
import type { EpochMs, Milliseconds, Seconds, UnitShare } from '../lib/units.ts';
import { percentile } from './histogram.ts';
import type { Bar } from './histogram.ts';
import type { Outcome } from './status.ts';

/** Counts of requests. */
export interface Stats {
  total: number;
  ok: number;
  error: number;
  throttle: number;
  fault: number;
  totalTime: Seconds;
}

/** A service. */
export interface Node {
  /** `name~type`, the same from one refresh to the next. */
  key: string;
  name: string;
  type: string;
  isClient: boolean;
  /** It sent nothing itself; its callers tell of it. */
  isInferred: boolean;
  stats: Stats;
  responseTimes: readonly Bar[];
  /** Whether its faults began here rather than at those it calls. */
  isOrigin: boolean;
  /** The account that it runs in. */
  account?: string | undefined;
  /** What the card is marked with; absent for what its counts say. */
  mark?: Outcome | undefined;
  /** The worst outcome that one of its members is marked with. */
  worst?: Outcome | undefined;
  /** The services that this card stands for. */
  members?: readonly Member[] | undefined;
  /** The name of the group that it would be folded into. */
  group?: string | undefined;
  /** Exact percentiles, where the server told them. */
  percentiles?: Percentiles | undefined;
  /** When it was first seen at all. */
  firstSeen?: EpochMs | undefined;
  /** `silent`: it was seen, but not in the newest window; `gone`: it is of the window compared with. */
  state?: 'new' | 'silent' | 'gone' | undefined;
}

/** A service that is folded into a card. */
export interface Member {
  key: string;
  name: string;
  type: string;
}

export interface Percentiles {
  p50: Milliseconds;
  p95: Milliseconds;
  p99: Milliseconds;
}

/** Calls from one service to another. */
export interface Edge {
  key: string;
  from: string;
  to: string;
  stats: Stats;
  responseTimes: readonly Bar[];
}

export interface Graph {
  nodes: readonly Node[];
  edges: readonly Edge[];
}

interface RawStats {
  OkCount?: number | null;
  TotalCount?: number | null;
  TotalResponseTime?: number | null;
  ErrorStatistics?: { ThrottleCount?: number | null; TotalCount?: number | null } | null;
  FaultStatistics?: { TotalCount?: number | null } | null;
}
type RawBars = { Value?: number | null; Count?: number | null }[] | null;
/** A service as the API has it; only what is read here. */
export interface RawService {
  ReferenceId?: number | null;
  Name?: string | null;
  Type?: string | null;
  State?: string | null;
  AccountId?: string | null;
  StartTime?: number | null;
  SummaryStatistics?: RawStats | null;
  ResponseTimeHistogram?: RawBars;
  Edges?:
    | {
        ReferenceId?: number | null;
        SummaryStatistics?: RawStats | null;
        ResponseTimeHistogram?: RawBars;
      }[]
    | null;
}

const NOTHING: Stats = { total: 0, ok: 0, error: 0, throttle: 0, fault: 0, totalTime: 0 };

function statsOf(raw: RawStats | null | undefined): Stats {
  if (!raw) return NOTHING;
  const throttle = raw.ErrorStatistics?.ThrottleCount ?? 0;
  return {
    total: raw.TotalCount ?? 0,
    ok: raw.OkCount ?? 0,
    // Throttles are errors too; here each request counts once.
    error: (raw.ErrorStatistics?.TotalCount ?? 0) - throttle,
    throttle,
    fault: raw.FaultStatistics?.TotalCount ?? 0,
    totalTime: raw.TotalResponseTime ?? 0,
  };
}

function barsOf(raw: RawBars | undefined): Bar[] {
  return (raw ?? []).map((bar) => ({ value: bar.Value ?? 0, count: bar.Count ?? 0 }));
}

export function keyOf(name: string, type: string): string {
  return `${name}~${type}`;
}

/** Builds the graph; edges to services that are not there are left out. */
export function graphOf(services: readonly RawService[]): Graph {
  const keys = new Map(
    services.map((one) => [one.ReferenceId, keyOf(one.Name ?? '', one.Type ?? '')]),
  );
  const edges = services.flatMap((one) => {
    const from = keyOf(one.Name ?? '', one.Type ?? '');
    return (one.Edges ?? []).flatMap((edge): Edge[] => {
      const to = keys.get(edge.ReferenceId);
      if (to === undefined) return [];
      const responseTimes = barsOf(edge.ResponseTimeHistogram);
      return [
        { key: `${from}>${to}`, from, to, stats: statsOf(edge.SummaryStatistics), responseTimes },
      ];
    });
  });
  return graphFrom(
    services.map((one) => nodeOf(one, edges)),
    edges,
  );
}

/** Puts services and calls together. */
export function graphFrom(nodes: readonly Node[], edges: readonly Edge[]): Graph {
  return { nodes, edges };
}

function nodeOf(raw: RawService, edges: readonly Edge[]): Node {
  const [name, type] = [raw.Name ?? '', raw.Type ?? ''];
  const key = keyOf(name, type);
  const outgoing = edges.filter((edge) => edge.from === key);
  // A client measures nothing itself: its edges say what it saw.
  const isClient = type === 'client';
  const stats = isClient ? sum(outgoing.map((edge) => edge.stats)) : statsOf(raw.SummaryStatistics);
  const below = outgoing.reduce((count, edge) => count + edge.stats.fault, 0);
  return {
    key,
    name,
    type,
    isClient,
    isInferred: !isClient && raw.State !== 'active',
    stats,
    responseTimes: isClient
      ? outgoing.flatMap((edge) => edge.responseTimes)
      : barsOf(raw.ResponseTimeHistogram),
    account: raw.AccountId ?? undefined,
    // Without the server's word on it: faults that faults of callees do not explain.
    isOrigin: !isClient && stats.fault > 0 && below < stats.fault / 2,
  };
}

function sum(all: readonly Stats[]): Stats {
  return all.reduce(plus, NOTHING);
}

export function plus(a: Stats, b: Stats): Stats {
  return {
    total: a.total + b.total,
    ok: a.ok + b.ok,
    error: a.error + b.error,
    throttle: a.throttle + b.throttle,
    fault: a.fault + b.fault,
    totalTime: a.totalTime + b.totalTime,
  };
}

/** Returns the bars of both; equal values share one. */
export function merged(a: readonly Bar[], b: readonly Bar[]): readonly Bar[] {
  const counts = new Map<Seconds, number>();
  for (const { value, count } of [...a, ...b]) counts.set(value, (counts.get(value) ?? 0) + count);
  return [...counts].map(([value, count]) => ({ value, count }));
}

export function shareOf(stats: Stats, outcome: Outcome): UnitShare {
  return stats.total === 0 ? 0 : stats[outcome] / stats.total;
}

export function averageOf(stats: Stats): Milliseconds {
  return stats.total === 0 ? 0 : (stats.totalTime / stats.total) * 1e3;
}

const EXACT = { 0.5: 'p50', 0.95: 'p95', 0.99: 'p99' } as const;

/** Returns a percentile of the response time. */
export function percentileOf(of: Node | Edge, share: UnitShare): Milliseconds | undefined {
  const exact = 'percentiles' in of ? of.percentiles : undefined;
  if (exact && share in EXACT) return exact[EXACT[share as keyof typeof EXACT]];
  const seconds = percentile(of.responseTimes, share);
  return seconds === undefined ? undefined : seconds * 1e3;
}

export const DIRECTIONS = ['both', 'up', 'down'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Returns everything within `depth` calls of `key`, callers (`up`) or callees (`down`) or both. */
export function reach(
  graph: Graph,
  key: string,
  direction: Direction,
  depth = Infinity,
): Set<string> {
  const found = new Set([key]);
  for (const way of direction === 'both' ? (['up', 'down'] as const) : [direction]) {
    const near = new Map<string, string[]>();
    for (const { from, to } of graph.edges) {
      const [own, far] = way === 'down' ? [from, to] : [to, from];
      const known = near.get(own);
      if (known) known.push(far);
      else near.set(own, [far]);
    }
    const seen = new Set([key]);
    let front = [key];
    for (let step = 0; step < depth && front.length > 0; step += 1) {
      front = [...new Set(front.flatMap((at) => near.get(at) ?? []))].filter((at) => !seen.has(at));
      for (const at of front) {
        seen.add(at);
        found.add(at);
      }
    }
  }
  return found;
}
