// From what the server says to what is shown: marks, silence, comparison, folding, focus.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useRef } from 'react';
import { extraQuery, insightsQuery, labelsQuery, mapQuery } from '../../api/map.ts';
import type { MapAnswer, MapScope } from '../../api/map.ts';
import { windowOf } from '../../lib/range.ts';
import type { TimeRange } from '../../lib/range.ts';
import type { Values } from '../../lib/search.ts';
import { thenOf } from '../../lib/versus.ts';
import { collapse, labelledBy } from '../../model/collapse.ts';
import type { Fold, Labels } from '../../model/collapse.ts';
import { compare } from '../../model/compare.ts';
import type { Comparison } from '../../model/compare.ts';
import { wanted } from '../../model/find.ts';
import { reach } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { backbone } from '../../model/layout.ts';
import { remember, within, withExtra, without } from '../../model/live.ts';
import { withMarks } from '../../model/marks.ts';
import type { Outcome } from '../../model/status.ts';
import { isFaulty } from '../../draw/map.ts';
import type { PARAMS } from './params.ts';

type Chosen = Values<typeof PARAMS>;

/** From more calls than this on the minor ones are not drawn. */
const EDGES_MAX = 160;

export function useMapScope({ t, q, g, live }: Chosen): MapScope {
  return useMemo(() => ({ range: t, filter: q, group: g, isLive: live !== '' }), [t, q, g, live]);
}

/** What is shown and how it came about. */
export function useMapGraph(values: Chosen) {
  const scope = useMapScope(values);
  const query = useQuery(mapQuery(scope));
  const answer = query.data;
  const extra = useQuery(extraQuery(scope, answer !== undefined));
  const insights = useQuery(insightsQuery(scope));
  const then = useThen(scope, values.vs, answer);
  const seen = useSeen(answer?.graph, scope);
  const marks = useRef(new Map<string, Outcome>());
  const now = answer?.window.to ?? 0;
  const minutes = answer?.minutes ?? 1;
  const marked = useMemo(() => {
    if (!seen.graph) return undefined;
    const known = extra.data ? withExtra(seen.graph, extra.data, now) : seen.graph;
    const next = withMarks(known, marks.current);
    marks.current = new Map(next.nodes.map((node) => [node.key, node.mark ?? 'ok']));
    return next;
  }, [seen.graph, extra.data, now]);
  const comparison = useMemo<Comparison | undefined>(
    () =>
      marked && then && then.graph.nodes.length > 0
        ? compare(marked, then.graph, [minutes, then.minutes])
        : undefined,
    [marked, then, minutes],
  );
  const all = comparison?.graph ?? marked;
  const hidden = useMemo(() => {
    const isHidden = wanted(values.hide, minutes);
    return all && isHidden ? without(all, isHidden) : all;
  }, [all, values.hide, minutes]);
  const opened = useMemo(() => new Set(values.exp), [values.exp]);
  const labels = useLabels(scope, values.by, hidden);
  const folded = useMemo(
    () => hidden && labels && collapse(hidden, values.by, opened, labels),
    [hidden, values.by, opened, labels],
  );
  const { focus, dir } = values;
  const depth = values.depth === 'all' ? Infinity : Number(values.depth);
  const graph = useMemo(() => {
    if (!folded || !folded.graph.nodes.some((node) => node.key === focus)) return folded?.graph;
    return within(folded.graph, reach(folded.graph, focus, dir, depth));
  }, [folded, focus, dir, depth]);
  return {
    isThenEmpty: then?.graph.nodes.length === 0,
    scope, query, answer, graph, folded, comparison, minutes,
    whole: hidden,
    forget: seen.forget,
    insights: insights.data ?? [],
    isFocused: graph !== undefined && graph !== folded?.graph,
  }; // prettier-ignore
}

const NO_LABELS: Labels = new Map();

/** Returns what services belong to; nothing until that is known, so that no card moves once it is. */
function useLabels(scope: MapScope, by: Fold, graph: Graph | undefined): Labels | undefined {
  const wanted = graph && labelledBy(by, graph.nodes.length);
  const query = useQuery(labelsQuery(scope, wanted));
  if (wanted === undefined || query.error) return query.data ?? NO_LABELS;
  return query.data;
}

/** Returns the map of the window that is compared with. */
function useThen(scope: MapScope, vs: string, answer: MapAnswer | undefined) {
  const range = useMemo<TimeRange | undefined>(() => {
    const then = answer && thenOf(vs, windowOf(scope.range, answer.window.to));
    return then && { kind: 'between', ...then };
  }, [vs, scope.range, answer]);
  const query = useQuery({
    ...mapQuery({ ...scope, isLive: false, range: range ?? scope.range }),
    enabled: range !== undefined,
  });
  return range ? query.data : undefined;
}

/** Keeps those that have become silent while the map is live. */
function useSeen(graph: Graph | undefined, scope: MapScope) {
  const before = useRef<{ key: string; graph: Graph }>(undefined);
  const key = JSON.stringify([scope.range, scope.filter, scope.group]);
  const shown = useMemo(() => {
    if (!graph) return undefined;
    const known = scope.isLive && before.current?.key === key ? before.current.graph : undefined;
    const next = remember(graph, known);
    before.current = { key, graph: next };
    return next;
  }, [graph, key, scope.isLive]);
  return {
    graph: shown,
    forget: () => {
      before.current = undefined;
    },
  };
}

/** Returns what stands out: what was found, or what the chosen one can reach. */
export function useLit(graph: Graph | undefined, values: Chosen, minutes: number) {
  const find = useDeferredValue(values.find);
  const { sel, dir, depth } = values;
  const hits = useMemo(() => {
    const isWanted = wanted(find, minutes);
    return isWanted ? (graph?.nodes ?? []).filter(isWanted).map((node) => node.key) : undefined;
  }, [graph, find, minutes]);
  const lit = useMemo(() => {
    if (hits) return new Set(hits);
    if (graph?.nodes.some((node) => node.key === sel)) {
      return reach(graph, sel, dir, depth === 'all' ? Infinity : Number(depth));
    }
    const edge = graph?.edges.find((one) => one.key === sel);
    return edge && new Set([edge.from, edge.to]);
  }, [graph, hits, sel, dir, depth]);
  return { lit, hits };
}

/** Returns the calls that are drawn; nothing when that is all of them. */
export function useDrawn(graph: Graph | undefined, { edges, sel }: Chosen) {
  return useMemo(() => {
    if (!graph || edges === 'all') return undefined;
    if (edges === 'bad') return new Set(graph.edges.filter(isFaulty).map((edge) => edge.key));
    if (graph.edges.length <= EDGES_MAX) return undefined;
    const own = graph.edges.filter((edge) => edge.from === sel || edge.to === sel);
    return new Set([...backbone(graph), ...own].map((edge) => edge.key));
  }, [graph, edges, sel]);
}

/** Returns the card that a key is shown by: itself, or the one that it is folded into. */
export function shownKey(graph: Graph, key: string): string {
  if (graph.nodes.some((node) => node.key === key)) return key;
  const card = graph.nodes.find((node) => node.members?.some((one) => one.key === key));
  return card?.key ?? key;
}
