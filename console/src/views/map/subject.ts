// The service or call that is chosen, and the expressions that pick its traces.
import type { SubjectName } from '../../api/map.ts';
import { ofEdge, ofService } from '../../model/filter.ts';
import type { Selection } from '../../model/filter.ts';
import type { Edge, Graph, Member, Node } from '../../model/graph.ts';

/** So many services of a card stand in an expression. */
const MEMBERS_MAX = 24;

/** What is chosen. */
export type Subject = { kind: 'node'; of: Node } | { kind: 'edge'; of: Edge; from: Node; to: Node };

export function subjectOf(graph: Graph, key: string): Subject | undefined {
  const node = graph.nodes.find((one) => one.key === key);
  if (node) return { kind: 'node', of: node };
  const edge = graph.edges.find((one) => one.key === key);
  const [from, to] = [edge?.from, edge?.to].map((end) =>
    graph.nodes.find((one) => one.key === end),
  );
  return edge && from && to ? { kind: 'edge', of: edge, from, to } : undefined;
}

/** Returns the expression that finds the traces of the subject, as chosen. */
export function filterOf(subject: Subject, selection: Selection): string {
  if (subject.kind === 'node') {
    const members = subject.of.members?.slice(0, MEMBERS_MAX) ?? [subject.of];
    return members.map((one) => ofService(named(one), selection)).join(' OR ');
  }
  const { from, to } = subject;
  if (from.members || to.members) {
    // Of a call between groups it is known who is meant by either end, not who called whom.
    const side = (node: Node) => filterOf({ kind: 'node', of: node }, {});
    return `(${side(from)}) AND (${filterOf({ kind: 'node', of: to }, selection)})`;
  }
  return ofEdge(named(from), named(to), selection);
}

const named = ({ name, type }: Node | Member) => ({ name, type });

/** Returns the subject's name for questions that take one service or call; nothing for groups. */
export function nameOf(subject: Subject): SubjectName | undefined {
  if (subject.kind === 'node') return subject.of.members ? undefined : { node: named(subject.of) };
  const { from, to } = subject;
  return from.members || to.members ? undefined : { edge: { from: named(from), to: named(to) } };
}

export function titleOf(subject: Subject): string {
  return subject.kind === 'node' ? subject.of.name : `${subject.from.name} → ${subject.to.name}`;
}
