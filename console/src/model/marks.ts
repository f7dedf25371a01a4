// Which outcome a card is marked with, and what it keeps from one refresh to the next.
import { shareOf } from './graph.ts';
import type { Graph, Node, Stats } from './graph.ts';
import type { Outcome } from './status.ts';

/** From these shares on a card shows the outcome. */
export const SHARE_MIN = { fault: 0.05, throttle: 0.05, error: 0.1 } as const;
/** So much below it the mark goes away again: a share near the limit does not flicker. */
const HYSTERESIS = 0.01;

/** Returns the outcome of these counts, given the one shown until now. */
export function markOfStats(stats: Stats, before?: Outcome): Outcome {
  for (const outcome of ['fault', 'throttle', 'error'] as const) {
    const least = SHARE_MIN[outcome] - (before === outcome ? HYSTERESIS : 0);
    if (stats.total > 0 && shareOf(stats, outcome) >= least - 1e-12) return outcome;
  }
  return 'ok';
}

/** Returns the outcome that a card is marked with. */
export function markOf(node: Pick<Node, 'stats' | 'mark'>): Outcome {
  return node.mark ?? markOfStats(node.stats);
}

/** Returns the graph with the mark of each service, given the marks shown until now. */
export function withMarks(graph: Graph, before: ReadonlyMap<string, Outcome>): Graph {
  const nodes = graph.nodes.map((node) => ({
    ...node,
    mark: markOfStats(node.stats, before.get(node.key)),
  }));
  return { ...graph, nodes };
}
