// Where cards stand: as saved, or as laid out; and what moves them: a hand, or Tidy. Nothing else.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { NODES_SAVED_MAX, layoutQuery, readLayout, saveLayout } from '../../api/maplayout.ts';
import type { SavedLayout, SavedPlace } from '../../api/maplayout.ts';
import type { Graph } from '../../model/graph.ts';
import { anchored, layout } from '../../model/layout.ts';
import type { Places, Point } from '../../model/layout.ts';

const SAVE_MS = 900;
const MOVE_MS = 300;
/** Where more of the services than this have no place, all are laid out anew. */
const UNKNOWN_MAX = 0.34;
/** Where more than this were put beside others, Tidy is worth it. */
const LOOSE_MAX = 0.15;
/** More cards than this do not move step by step. */
const MOVED_MAX = 200;

/** What is known of one view's places. */
interface Memory {
  nodes: Map<string, SavedPlace>;
  etag: string;
  isBegun: boolean;
  /** Keys that were put beside others rather than laid out. */
  loose: Set<string>;
  /** What was saved last, as text. */
  saved: string;
  /** Whether somebody moved a card. */
  isMoved: boolean;
}

export interface Placing {
  places: Places;
  move: (key: string, at: Point) => void;
  tidy: () => void;
  /** Takes the last Tidy back; absent when there was none. */
  undo: (() => void) | undefined;
  /** Whether Tidy is worth it. */
  isLoose: boolean;
  /** Whether places could not be saved. */
  isUnsaved: boolean;
}

const NOWHERE: Places = new Map();

/** Returns places for the graph. Those of `key` are everybody's when `isShared`; where the whole map
 * is shown, `isWhole`, they are saved without being asked. */
export function usePlaces(
  graph: Graph | undefined,
  key: string,
  isShared: boolean,
  isWhole: boolean,
): Placing {
  const memories = useRef(new Map<string, Memory>());
  const [version, setVersion] = useState(0);
  const [before, setBefore] = useState<{ key: string; nodes: Map<string, SavedPlace> }>();
  const query = useQuery(layoutQuery(key, isShared));
  const isReady = !isShared || !query.isPending;
  const places = useMemo(() => {
    if (!graph || !isReady) return NOWHERE;
    const memory = memoryOf(memories.current, key, isShared ? query.data : undefined);
    return place(graph, memory);
    // `version` says that the memory changed.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [graph, key, isShared, isReady, query.data, version]);
  const isWanted =
    isShared && isReady && (isWhole || (memories.current.get(key)?.isMoved ?? false));
  const isUnsaved = useSaving(memories.current.get(key), key, isWanted, places);
  const tween = useTween(places);
  const change = useCallback(
    (nodes: Map<string, SavedPlace>) => {
      const memory = memories.current.get(key);
      if (!memory) return;
      memory.nodes = nodes;
      memory.isMoved = true;
      setVersion((one) => one + 1);
    },
    [key],
  );
  const memory = memories.current.get(key);
  return {
    places: tween.shown,
    move: (node, at) => change(new Map(memory?.nodes).set(node, { ...at, pinned: true })),
    tidy: () => {
      if (!graph || !memory) return;
      setBefore({ key, nodes: memory.nodes });
      memory.loose.clear();
      tween.begin();
      change(savedOf(layout(graph)));
    },
    undo:
      before?.key === key
        ? () => {
            tween.begin();
            change(before.nodes);
            setBefore(undefined);
          }
        : undefined,
    isLoose: (memory?.loose.size ?? 0) > LOOSE_MAX * (graph?.nodes.length ?? 0),
    isUnsaved,
  };
}

function memoryOf(memories: Map<string, Memory>, key: string, saved?: SavedLayout): Memory {
  const known = memories.get(key);
  if (known) return known;
  const nodes = new Map(Object.entries(saved?.nodes ?? {}));
  const memory = {
    nodes, etag: saved?.etag ?? '', isBegun: false, loose: new Set<string>(), saved: textOf(nodes), isMoved: false,
  }; // prettier-ignore
  memories.set(key, memory);
  return memory;
}

/** Gives places and remembers them. */
function place(graph: Graph, memory: Memory): Places {
  const unknown = graph.nodes.filter((node) => !memory.nodes.has(node.key));
  const isAnew = !memory.isBegun && unknown.length > graph.nodes.length * UNKNOWN_MAX;
  if (graph.nodes.length > 0) memory.isBegun = true;
  const pinned = new Map([...memory.nodes].filter(([, at]) => at.pinned));
  const places = isAnew
    ? anchored(graph, new Map([...layout(graph), ...pinned]))
    : anchored(graph, memory.nodes);
  for (const { key } of unknown) {
    const at = places.get(key);
    if (at && !isAnew) memory.loose.add(key);
  }
  const next = isAnew ? savedOf(places, pinned) : memory.nodes;
  for (const [key, at] of places) if (!next.has(key)) next.set(key, { ...at, pinned: false });
  memory.nodes = next;
  // The same objects each time: a card whose place is the same object is not drawn again.
  const known = graph.nodes.map(({ key }) => [key, next.get(key)] as const);
  return new Map(known.flatMap(([key, at]) => (at ? [[key, at] as const] : [])));
}

function savedOf(places: Places, pinned: ReadonlyMap<string, SavedPlace> = new Map()) {
  return new Map([...places].map(([key, { x, y }]) => [key, { x, y, pinned: pinned.has(key) }]));
}

function textOf(nodes: ReadonlyMap<string, SavedPlace>): string {
  return JSON.stringify([...nodes].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Saves what changed, a moment after it did; says when that failed. */
function useSaving(memory: Memory | undefined, key: string, isWanted: boolean, places: Places) {
  const [isUnsaved, setUnsaved] = useState(false);
  useEffect(() => {
    if (!isWanted || !memory || places.size === 0 || memory.nodes.size > NODES_SAVED_MAX)
      return undefined;
    const text = textOf(memory.nodes);
    if (text === memory.saved) return undefined;
    const timer = setTimeout(() => {
      save(key, memory).then(
        () => setUnsaved(false),
        () => setUnsaved(true),
      );
    }, SAVE_MS);
    return () => clearTimeout(timer);
  }, [memory, memory?.nodes, key, isWanted, places]);
  return isUnsaved;
}

/** Saves; where others saved in between, theirs stays but for what was moved here. */
async function save(key: string, memory: Memory): Promise<void> {
  const text = textOf(memory.nodes);
  const nodes = Object.fromEntries(memory.nodes);
  try {
    memory.etag = await saveLayout(key, { nodes, etag: memory.etag });
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 412) throw error;
    const theirs = await readLayout(key);
    const ours = new Map<string, string>(
      (JSON.parse(memory.saved) as [string, SavedPlace][]).map(([name, at]) => [
        name,
        JSON.stringify(at),
      ]),
    );
    const moved = [...memory.nodes].filter(([name, at]) => ours.get(name) !== JSON.stringify(at));
    const both = {
      ...nodes,
      ...theirs.nodes,
      ...Object.fromEntries(moved.filter(([, at]) => at.pinned)),
    };
    memory.etag = await saveLayout(key, { nodes: both, etag: theirs.etag });
  }
  memory.saved = text;
}

/** Moves cards from where they are to where they shall be, after `begin`; otherwise they are there at once. */
function useTween(places: Places): { shown: Places; begin: () => void } {
  const from = useRef<Places>(undefined);
  const last = useRef(places);
  const [moving, setMoving] = useState<Places>();
  useEffect(() => {
    const start = from.current;
    from.current = undefined;
    last.current = places;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (!start || isStill || places.size > MOVED_MAX) {
      setMoving(undefined);
      return undefined;
    }
    let began = 0;
    let frame = requestAnimationFrame(function step(now) {
      began ||= now;
      const share = Math.min(1, (now - began) / MOVE_MS);
      const eased = 1 - (1 - share) ** 3;
      setMoving(share === 1 ? undefined : mixed(start, places, eased));
      if (share < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [places]);
  const begin = useCallback(() => {
    from.current = last.current;
    setMoving(last.current);
  }, []);
  return { shown: moving ?? places, begin };
}

function mixed(from: Places, to: Places, share: number): Places {
  return new Map(
    [...to].map(([key, at]) => {
      const start = from.get(key) ?? at;
      return [
        key,
        { x: start.x + (at.x - start.x) * share, y: start.y + (at.y - start.y) * share },
      ];
    }),
  );
}
