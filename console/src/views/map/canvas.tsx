// The picture of the map: calls on a canvas, services as buttons above it.
import { Maximize2, Minus, Plus } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { chipsOf } from '../../draw/map.ts';
import type { Change } from '../../model/compare.ts';
import type { Graph } from '../../model/graph.ts';
import type { Places, Point } from '../../model/layout.ts';
import { routeAt, routesOf } from '../../model/routes.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useShortcuts } from '../../state/shortcuts.ts';
import { EdgeChip } from './chip.tsx';
import { useHands, useWheel } from './hands.ts';
import type { Drag } from './hands.ts';
import style from './map.module.css';
import { Minimap } from './minimap.tsx';
import { NodeCard } from './node.tsx';
import type { Measure, Sizing } from './node.tsx';
import { useStage } from './stage.ts';
import type { At, Stage } from './stage.ts';
import { useWalk } from './walk.ts';

/** How near a click must come to a call, in pixels of the screen. */
const NEAR = 10;
/** From more services than this on a small map shows where one is. */
const MINIMAP_MIN = 60;

interface Props {
  graph: Graph;
  places: Places;
  lit: ReadonlySet<string> | undefined;
  minutes: number;
  selected: string;
  onSelect: (key: string) => void;
  /** Which number stands on the cards. */
  measure?: Measure;
  sizing?: Sizing;
  /** Keys of the calls that are drawn; absent for all. */
  edges?: ReadonlySet<string> | undefined;
  /** What became of services and calls since another window. */
  changes?: ReadonlyMap<string, Change> | undefined;
  /** Keys of services with an open insight. */
  flagged?: ReadonlySet<string> | undefined;
  /** Opens a card that stands for many. */
  onOpen?: ((key: string) => void) | undefined;
  /** Absent where cards stay. */
  onMove?: ((key: string, at: Point) => void) | undefined;
  at?: At | null;
  onAt?: (at: At | null) => void;
  isFitted?: boolean;
  /** The card to bring to the middle; a new object does it again. */
  goal?: { key: string } | undefined;
  /** How much of the right side something else covers. */
  covered?: number;
}

export function MapCanvas(props: Props) {
  const { graph, lit, minutes, selected, onSelect, edges, changes, onOpen, onMove } = props;
  const words = useWords();
  const { theme } = usePreferences();
  const [hovered, setHovered] = useState('');
  const [drag, setDrag] = useState<Drag>();
  const places = useMemo(
    () => (drag ? new Map(props.places).set(drag.key, drag.at) : props.places),
    [props.places, drag],
  );
  const routes = useMemo(() => routesOf(graph, places), [graph, places]);
  const scene = useMemo(
    () => ({ graph, places, routes, lit, chosen: selected, hovered, edges }),
    [graph, places, routes, lit, selected, hovered, edges],
  );
  const stage = useStage({
    scene,
    at: props.at ?? null,
    onAt: props.onAt,
    theme: `${theme} ${document.documentElement.dataset['theme']}`,
    isFitted: props.isFitted ?? false,
  });
  const find = (at: Point | undefined) => {
    const scale = stage.camera()?.scale ?? 1;
    const drawn = edges
      ? [...routes.values()].filter(({ edge }) => edges.has(edge.key))
      : routes.values();
    return at && routeAt(drawn, at, NEAR / scale)?.edge.key;
  };
  const hands = useHands({
    stage,
    places: props.places,
    drag,
    setDrag,
    onMove,
    onPress: (at) => onSelect(find(at) ?? ''),
    onHover: (at) => setHovered(find(at) ?? ''),
  });
  useWheel(stage.box, stage);
  useWalk({ graph, places: props.places, selected, onSelect, onMove, box: stage.box });
  useReveal(stage, props.places, selected, props.covered ?? 0, props.goal);
  useShortcuts({
    Digit0: stage.fitAll,
    Equal: () => stage.zoom(1.25),
    'Shift+Equal': () => stage.zoom(1.25),
    Minus: () => stage.zoom(0.8),
    // With nothing chosen the key is left to what closes by it.
    ...(selected !== '' && { Escape: () => onSelect('') }),
  });
  const degrees = useMemo(() => degreesOf(graph), [graph]);
  const named = useMemo(
    () => namedEdges(graph, selected, hovered, edges),
    [graph, selected, hovered, edges],
  );
  const { detail, keys } = stage.shown;
  const chips = useMemo(() => {
    const drawn = edges
      ? graph.edges.filter(({ key }) => edges.has(key) || named.has(key))
      : graph.edges;
    return chipsOf({ ...graph, edges: drawn }, places, routes, named, detail === 'full' ? 1 : 1.4);
  }, [graph, edges, places, routes, named, detail]);
  const isNear = detail === 'full' || detail === 'large';
  const seen = useMemo(() => new Set(keys), [keys]);
  return (
    <section className={`card ${style['map']}`} aria-label={words('map.title')}>
      <div ref={stage.box} className={style['stage']} data-hover={hovered !== ''} {...hands}>
        <canvas
          ref={stage.canvas}
          key={String(stage.isSlow)}
          data-slow={stage.isSlow}
          aria-hidden="true"
        />
        <div ref={stage.layer} className={style['layer']} data-detail={detail}>
          {isNear &&
            chips.map((chip) => (
              <EdgeChip
                key={chip.edge.key}
                chip={chip}
                minutes={minutes}
                says={
                  chip.edge.key === selected || chip.edge.key === hovered
                    ? 'all'
                    : named.has(chip.edge.key)
                      ? 'time'
                      : 'faults'
                }
                isDimmed={lit !== undefined && !(lit.has(chip.edge.from) && lit.has(chip.edge.to))}
                change={changes?.get(chip.edge.key)}
              />
            ))}
          {isNear &&
            graph.nodes.map((node) => {
              const at = places.get(node.key);
              if (!at || !seen.has(node.key)) return null;
              return (
                <NodeCard
                  key={node.key}
                  node={node}
                  at={at}
                  minutes={minutes}
                  callers={degrees.get(node.key)?.[0] ?? 0}
                  callees={degrees.get(node.key)?.[1] ?? 0}
                  measure={props.measure ?? 'avg'}
                  sizing={props.sizing ?? 'none'}
                  change={changes?.get(node.key)}
                  isFlagged={props.flagged?.has(node.key) ?? false}
                  isSelected={selected === node.key}
                  isDimmed={lit !== undefined && !lit.has(node.key)}
                  onSelect={onSelect}
                  onOpen={onOpen}
                />
              );
            })}
        </div>
      </div>
      {graph.nodes.length > MINIMAP_MIN && !props.isFitted && (
        <Minimap graph={graph} places={places} stage={stage} />
      )}
      {!props.isFitted && <ZoomButtons stage={stage} />}
    </section>
  );
}

/** Brings what is chosen into view, by as little as needed; a goal into the middle. */
function useReveal(
  stage: Stage,
  places: Places,
  selected: string,
  covered: number,
  goal: { key: string } | undefined,
): void {
  const { reveal, centre } = stage;
  const latest = useRef(places);
  latest.current = places;
  useEffect(() => {
    const at = latest.current.get(selected);
    if (at) reveal(at, covered);
  }, [selected, covered, reveal]);
  useEffect(() => {
    const at = goal && latest.current.get(goal.key);
    if (at) centre(at);
  }, [goal, centre]);
}

/** Returns how many callers and callees each service has. */
function degreesOf(graph: Graph): Map<string, [number, number]> {
  const degrees = new Map<string, [number, number]>();
  const add = (key: string, end: 0 | 1) => {
    const own = degrees.get(key) ?? [0, 0];
    own[end] += 1;
    degrees.set(key, own);
  };
  for (const edge of graph.edges) {
    add(edge.to, 0);
    add(edge.from, 1);
  }
  return degrees;
}

/** Calls that say their numbers: the one chosen or pointed at, and those of the chosen service. */
function namedEdges(
  graph: Graph,
  selected: string,
  hovered: string,
  edges: ReadonlySet<string> | undefined,
): Set<string> {
  const own = graph.edges.filter(
    (edge) =>
      edge.key === selected ||
      edge.key === hovered ||
      ((edge.from === selected || edge.to === selected) && (!edges || edges.has(edge.key))),
  );
  return new Set(own.map((edge) => edge.key));
}

function ZoomButtons({ stage }: { stage: Stage }) {
  const words = useWords();
  const buttons = [
    ['zoomIn', Plus, () => stage.zoom(1.25)],
    ['zoomOut', Minus, () => stage.zoom(0.8)],
    ['fit', Maximize2, stage.fitAll],
  ] as const;
  return (
    <div className={style['zoom']}>
      {buttons.map(([name, Icon, act]) => (
        <button
          key={name}
          type="button"
          className="button"
          aria-label={words(`map.${name}`)}
          title={words(`map.${name}`)}
          onClick={act}
        >
          <Icon size={15} aria-hidden="true" />
        </button>
      ))}
    </div>
  );
}
