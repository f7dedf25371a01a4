// The map of now beside that of another window: what came, what went, what got slower or fails more.
import type { Milliseconds, UnitShare } from '../lib/units.ts';
import { averageOf, graphFrom, shareOf } from './graph.ts';
import type { Graph, Node, Stats } from './graph.ts';

/** What became of a service or a call. */
export interface Change {
  key: string;
  kind: 'new' | 'gone' | 'kept';
  /** Counts then. */
  before: Stats;
  average: Milliseconds;
  fault: UnitShare;
  /** Requests a minute now, in relation to then. */
  rate: number;
}

export interface Comparison {
  /** The services and calls of both. */
  graph: Graph;
  changes: ReadonlyMap<string, Change>;
}

const NONE: Stats = { total: 0, ok: 0, error: 0, throttle: 0, fault: 0, totalTime: 0 };
/** Below these nobody speaks of a change. */
const LEAST = { average: 1, averageRatio: 0.1, fault: 0.005, rateRatio: 0.5, requests: 5 } as const;

/** Compares two graphs; `minutes` are the lengths of their windows. */
export function compare(now: Graph, then: Graph, minutes: readonly [number, number]): Comparison {
  const changes = new Map<string, Change>();
  const note = <T extends { key: string; stats: Stats }>(
    own: readonly T[],
    other: readonly T[],
  ) => {
    const before = new Map(other.map((one) => [one.key, one]));
    const after = new Set(own.map((one) => one.key));
    for (const one of own) changes.set(one.key, change(one, before.get(one.key), minutes));
    const gone = other.filter((one) => !after.has(one.key)).map((one) => ({ ...one, stats: NONE }));
    for (const one of gone) {
      const stats = before.get(one.key)?.stats ?? NONE;
      changes.set(one.key, {
        key: one.key,
        kind: 'gone',
        before: stats,
        average: 0,
        fault: 0,
        rate: 0,
      });
    }
    return [...own, ...gone];
  };
  const ghosts = note(now.nodes, then.nodes).map((node): Node =>
    changes.get(node.key)?.kind === 'gone'
      ? { ...node, responseTimes: [], isOrigin: false, mark: 'ok', state: 'gone' }
      : node,
  );
  return { graph: graphFrom(ghosts, note(now.edges, then.edges)), changes };
}

function change(
  one: { key: string; stats: Stats },
  other: { stats: Stats } | undefined,
  [now, then]: readonly [number, number],
): Change {
  const before = other?.stats ?? NONE;
  const kind = other ? 'kept' : 'new';
  if (!other) return { key: one.key, kind, before, average: 0, fault: 0, rate: 0 };
  return {
    key: one.key,
    kind,
    before,
    average: averageOf(one.stats) - averageOf(before),
    fault: shareOf(one.stats, 'fault') - shareOf(before, 'fault'),
    rate: before.total === 0 ? 0 : one.stats.total / now / (before.total / then),
  };
}

/** Returns whether a change of the average is worth a word. */
export function isSlower({ kind, average, before }: Change): boolean {
  const ratio = Math.abs(average) / Math.max(1e-9, averageOf(before));
  return kind === 'kept' && Math.abs(average) >= LEAST.average && ratio >= LEAST.averageRatio;
}

export function failsMore({ kind, fault }: Change): boolean {
  return kind === 'kept' && Math.abs(fault) >= LEAST.fault;
}

/** Returns the changes of services that are worth a word, the gravest first. */
export function biggest({ graph, changes }: Comparison): { node: Node; change: Change }[] {
  return graph.nodes
    .flatMap((node) => {
      const own = changes.get(node.key);
      return own && !node.isClient && weight(own, node) > 0 ? [{ node, change: own }] : [];
    })
    .sort((a, b) => weight(b.change, b.node) - weight(a.change, a.node));
}

function weight(change: Change, node: Node): number {
  const traffic = Math.log10(1 + Math.max(node.stats.total, change.before.total));
  if (change.kind !== 'kept') return traffic * 0.5;
  if (Math.max(node.stats.total, change.before.total) < LEAST.requests) return 0;
  const slower = isSlower(change)
    ? Math.abs(Math.log2(averageOf(node.stats) / Math.max(1e-9, averageOf(change.before))))
    : 0;
  const fails = failsMore(change) ? Math.abs(change.fault) * 12 : 0;
  const busy = Math.abs(Math.log2(Math.max(1e-3, change.rate)));
  const rate = busy >= Math.log2(1 / LEAST.rateRatio) ? busy * 0.2 : 0;
  return traffic * (slower + fails + rate);
}
