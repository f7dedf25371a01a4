// What a map keeps of the windows before, and what the server tells of services beside the graph.
import type { EpochMs, Milliseconds } from '../lib/units.ts';
import { graphFrom } from './graph.ts';
import type { Graph, Node, Percentiles } from './graph.ts';

/** Returns the graph with those that were seen before and have become silent. */
export function remember(now: Graph, before: Graph | undefined): Graph {
  if (!before || before.nodes.length === 0) return now;
  const here = new Set(now.nodes.map((node) => node.key));
  const known = new Set(before.nodes.map((node) => node.key));
  const silent = before.nodes
    .filter((node) => !here.has(node.key))
    .map((node): Node => ({ ...node, isOrigin: false, mark: 'ok', state: 'silent' }));
  const calls = new Set(now.edges.map((edge) => edge.key));
  const quiet = before.edges.filter(
    (edge) => !calls.has(edge.key) && (!here.has(edge.from) || !here.has(edge.to)),
  );
  const nodes = now.nodes.map((node): Node =>
    known.has(node.key) ? node : { ...node, state: 'new' },
  );
  return graphFrom([...nodes, ...silent], [...now.edges, ...quiet]);
}

/** What the server knows of a service beside the graph. */
export interface Extra {
  firstSeen: EpochMs | undefined;
  /** Faults that began there. */
  origins: number;
  percentiles: Percentiles | undefined;
}

/** Who was first seen so much later than others is new, for so long. */
const NEW_MS: Milliseconds = 30 * 6e4;

/** Returns the graph with what else is known: where faults began, percentiles, who is new. */
export function withExtra(graph: Graph, extra: ReadonlyMap<string, Extra>, now: EpochMs): Graph {
  const first = Math.min(...[...extra.values()].map((one) => one.firstSeen ?? Infinity));
  const nodes = graph.nodes.map((node): Node => {
    const own = extra.get(node.key);
    if (!own) return node;
    const { firstSeen, origins, percentiles } = own;
    const isNew = firstSeen !== undefined && firstSeen > now - NEW_MS && first < firstSeen - NEW_MS;
    return {
      ...node,
      // Most of its faults began here.
      isOrigin: !node.isClient && origins > 0 && origins * 2 >= node.stats.fault,
      percentiles: percentiles ?? node.percentiles,
      firstSeen,
      ...(isNew && { state: 'new' as const }),
    };
  });
  return graphFrom(nodes, graph.edges);
}

/** Returns the graph without the services that are meant, and without what joined only them. */
export function without(graph: Graph, isHidden: (node: Node) => boolean): Graph {
  const nodes = graph.nodes.filter((node) => !isHidden(node));
  if (nodes.length === graph.nodes.length) return graph;
  return within(graph, new Set(nodes.map((node) => node.key)));
}

/** Returns the part of the graph with these services. */
export function within(graph: Graph, keys: ReadonlySet<string>): Graph {
  return graphFrom(
    graph.nodes.filter((node) => keys.has(node.key)),
    graph.edges.filter((edge) => keys.has(edge.from) && keys.has(edge.to)),
  );
}
