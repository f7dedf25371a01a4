// Large maps in fewer cards: services that belong together share one, until it is opened.
import type { Param } from '../lib/search.ts';
import { graphFrom, merged, plus } from './graph.ts';
import type { Edge, Graph, Node } from './graph.ts';
import { markOf } from './marks.ts';
import { worse } from './status.ts';

/** What services are folded by; by what `group` and annotations say, the server knows. `auto` leaves
 * small maps as they are. */
export const FOLDS = ['auto', 'none', 'name', 'type', 'account', 'group'] as const;
export type Fold = (typeof FOLDS)[number] | `group:${string}`;

/** As it stands in an address: a word of the list, or `group:KEY` for the annotation of that key. */
export const fold: Param<Fold> = {
  read: (text) =>
    (FOLDS as readonly string[]).includes(text) || annotationOf(text as Fold) !== ''
      ? (text as Fold)
      : undefined,
  write: (by) => by,
  fallback: 'auto',
};

/** Returns the key of the annotation that services are folded by; empty for none. */
export function annotationOf(by: Fold): string {
  return by.startsWith('group:') ? by.slice('group:'.length) : '';
}

/** What each service belongs to, by its key. */
export type Labels = ReadonlyMap<string, string>;

/** Returns by what services have to be labelled before they can be folded; nothing when they need not. */
export function labelledBy(by: Fold, nodes: number): Fold | undefined {
  if (by === 'group' || annotationOf(by) !== '') return by;
  const isForced = by === 'none' && nodes > NODES_FORCED;
  return (by === 'auto' || isForced) && nodes > NODES_MAX ? 'group' : undefined;
}

/** From more services than this on `auto` folds. */
export const NODES_MAX = 80;
/** More than these are never shown one by one. */
export const NODES_FORCED = 1500;
/** How many cards a good fold leaves. */
const GROUPS = { min: 6, max: 60 } as const;
/** So many clients share a card. */
const CLIENTS_MAX = 6;

export interface Folded {
  graph: Graph;
  /** By what it was folded. */
  by: Fold;
  /** Whether it was folded although nobody asked for it. */
  isForced: boolean;
}

type Label = (node: Node) => string | undefined;

const OWN: Record<'name' | 'type' | 'account', Label> = {
  name: (node) => /^[\p{L}\p{N}]{2,}(?=[-_./: ])/u.exec(node.name)?.[0],
  type: (node) => node.type,
  account: (node) => node.account,
};

/** Returns the graph with what belongs together folded, but for what `opened` names. */
export function collapse(
  graph: Graph,
  by: Fold,
  opened: ReadonlySet<string>,
  labels: Labels = new Map(),
): Folded {
  const labelOf = (one: Fold): Label =>
    one in OWN ? OWN[one as keyof typeof OWN] : (node) => labels.get(node.key);
  const isForced = by === 'none' && graph.nodes.length > NODES_FORCED;
  const wanted = isForced ? 'auto' : by;
  if (wanted === 'none') return { graph, by: 'none', isForced };
  if (wanted !== 'auto')
    return { graph: foldBy(graph, labelOf(wanted), opened), by: wanted, isForced };
  if (graph.nodes.length <= NODES_MAX) return { graph, by: 'none', isForced };
  const tried = (['account', 'group', 'name', 'type'] as const).map((one) => ({
    by: one,
    graph: foldBy(graph, labelOf(one), opened),
    closed: opened.size === 0 ? undefined : foldBy(graph, labelOf(one), new Set<string>()),
  }));
  const isGood = ({ graph: folded, closed = folded }: (typeof tried)[number]) =>
    closed.nodes.length >= GROUPS.min && closed.nodes.length <= GROUPS.max;
  const best = tried.find(isGood) ?? tried.find((one) => one.by === 'name');
  return best ? { graph: best.graph, by: best.by, isForced } : { graph, by: 'none', isForced };
}

function foldBy(graph: Graph, label: Label, opened: ReadonlySet<string>): Graph {
  const groups = new Map<string, Node[]>();
  const put = (name: string | undefined, node: Node) => {
    if (name === undefined || name === '') return;
    const own = groups.get(name);
    if (own) own.push(node);
    else groups.set(name, [node]);
  };
  const clients = graph.nodes.filter((node) => node.isClient);
  if (clients.length > CLIENTS_MAX) for (const node of clients) put('clients', node);
  for (const node of graph.nodes) if (!node.isClient) put(label(node), node);
  for (const [name, members] of groups) if (members.length < 2) groups.delete(name);
  const home = homesOf(groups);
  foldStores(graph, groups, home);
  return folded(graph, groups, home, opened);
}

function homesOf(groups: ReadonlyMap<string, readonly Node[]>): Map<string, string> {
  return new Map([...groups].flatMap(([name, nodes]) => nodes.map((node) => [node.key, name])));
}

/** What sent nothing itself and is left over is folded by its type and by who calls it. */
function foldStores(graph: Graph, groups: Map<string, Node[]>, home: Map<string, string>): void {
  const callers = new Map<string, Set<string>>();
  for (const { from, to } of graph.edges) {
    const own = callers.get(to) ?? new Set();
    callers.set(to, own.add(home.get(from) ?? from));
  }
  const stores = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    const [caller, ...more] = callers.get(node.key) ?? [];
    if (!node.isInferred || home.has(node.key) || caller === undefined || more.length > 0) continue;
    const name = `${caller.split('~')[0]}: ${node.type.split('::').slice(1).join(' ') || node.type}`;
    stores.set(name, [...(stores.get(name) ?? []), node]);
  }
  for (const [name, nodes] of stores) {
    if (nodes.length < 2) continue;
    groups.set(name, nodes);
    for (const node of nodes) home.set(node.key, name);
  }
}

/** Returns the key of the card that stands for a group. */
export function groupKey(name: string): string {
  return `${name}~group`;
}

function folded(
  graph: Graph,
  groups: ReadonlyMap<string, readonly Node[]>,
  home: ReadonlyMap<string, string>,
  opened: ReadonlySet<string>,
): Graph {
  const cardOf = (key: string) => {
    const name = home.get(key);
    return name === undefined || opened.has(name) ? key : groupKey(name);
  };
  const nodes = graph.nodes
    .filter((node) => cardOf(node.key) === node.key)
    .map((node) => ({ ...node, group: home.get(node.key) }));
  for (const [name, members] of groups) if (!opened.has(name)) nodes.push(groupOf(name, members));
  const edges = new Map<string, Edge>();
  for (const edge of graph.edges) {
    const [from, to] = [cardOf(edge.from), cardOf(edge.to)];
    if (from === to && from !== edge.from) continue;
    const key = `${from}>${to}`;
    const known = edges.get(key);
    edges.set(key, known ? joined(known, edge) : { ...edge, key, from, to });
  }
  return graphFrom(nodes, [...edges.values()]);
}

function joined(a: Edge, b: Edge): Edge {
  return {
    ...a,
    stats: plus(a.stats, b.stats),
    responseTimes: merged(a.responseTimes, b.responseTimes),
  };
}

function groupOf(name: string, members: readonly Node[]): Node & { group: undefined } {
  const types = new Set(members.map((node) => node.type));
  return {
    key: groupKey(name),
    name,
    type: types.size === 1 ? ([...types][0] ?? '') : 'group',
    isClient: members.every((node) => node.isClient),
    isInferred: members.every((node) => node.isInferred || node.isClient),
    stats: members.map((node) => node.stats).reduce(plus),
    responseTimes: members.map((node) => node.responseTimes).reduce(merged),
    isOrigin: false,
    members: members.map(({ key, name: own, type }) => ({ key, name: own, type })),
    worst: members.map(markOf).reduce(worse),
    group: undefined,
  };
}
