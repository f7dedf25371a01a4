// The service map: who calls whom, how often, how fast, and where it fails.
import { Suspense, lazy, useCallback, useMemo, useState } from 'react';
import type { OpenInsight } from '../../api/map.ts';
import { layoutKey } from '../../api/maplayout.ts';
import type { Search, Values } from '../../lib/search.ts';
import { DIRECTIONS } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { readSort, writeSort } from '../../model/maptable.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useUrl } from '../../state/url.ts';
import { Failure, Skeleton } from '../states.tsx';
import { Nothing } from '../traces/nothing.tsx';
import { MapCanvas } from './canvas.tsx';
import { shownKey, useDrawn, useLit, useMapGraph } from './graph.ts';
import style from './map.module.css';
import { Legend, Notes, Wall } from './notes.tsx';
import { Panel } from './panel.tsx';
import { PARAMS } from './params.ts';
import { usePlaces } from './places.ts';
import { Strip } from './strip.tsx';
import { Tools } from './tools.tsx';

const MapTable = lazy(() => import('./table.tsx'));
const Changes = lazy(() => import('./changes.tsx'));

type Chosen = Values<typeof PARAMS>;
type Change = (next: Partial<Chosen>, step?: 'push' | 'replace') => void;
type Shown = ReturnType<typeof useMapGraph>;

/** What the panel covers of the map where there is no room beside it. */
const PANEL_WIDTH = 388;
const WIDE = 1440;

export default function MapPage() {
  const { values, change, search } = useUrl(PARAMS);
  const map = useMapGraph(values);
  const { graph, query } = map;
  if (query.error && !graph) return <Failure error={query.error} />;
  if (!graph || !map.answer) return <Skeleton rows={10} />;
  if (map.answer.graph.nodes.length === 0 && values.vs === '') {
    return <Nothing range={values.t} filter={values.q} change={change} />;
  }
  return <MapView {...{ values, change, search, map, graph }} />;
}

interface Props {
  values: Chosen;
  change: Change;
  search: Search;
  map: Shown;
  graph: Graph;
}

function MapView({ values, change, search, map, graph }: Props) {
  const words = useWords();
  const { minutes, insights, comparison } = map;
  const placing = useView(map, graph, values);
  const { lit, hits } = useLit(graph, values, minutes);
  const drawn = useDrawn(graph, values);
  const [goal, setGoal] = useState<{ key: string }>();
  const flagged = useMemo(() => flaggedOf(graph, insights), [graph, insights]);
  const select = useCallback((sel: string) => change({ sel, rt: null, st: [] }), [change]);
  const open = useOpening(graph, values, change);
  const selected = shownKey(graph, values.sel);
  const isKiosk = values.kiosk === '1';
  const hasPanel = !isKiosk && (selected !== '' || values.vs !== '');
  const tidy = () => {
    map.forget();
    placing.tidy();
    change({ at: null });
  };
  useMapKeys({ values, change, selected, tidy, toggle: () => open(selected) });
  const sort = readSort(values.sort);
  const nextHit = () => {
    const key = hits?.[(hits.indexOf(goal?.key ?? '') + 1) % hits.length];
    if (key !== undefined) setGoal({ key });
  };
  const canvas = (
    <MapCanvas
      {...{ graph, lit, minutes, selected, flagged, goal }}
      places={placing.places}
      onSelect={select}
      measure={values.num}
      sizing={values.size}
      edges={drawn}
      changes={comparison?.changes}
      onOpen={open}
      onMove={placing.move}
      at={isKiosk ? null : values.at}
      onAt={(at) => change({ at })}
      isFitted={isKiosk}
      covered={hasPanel && innerWidth < WIDE ? PANEL_WIDTH : 0}
    />
  );
  if (isKiosk) return <Wall onLeave={() => change({ kiosk: '' }, 'push')}>{canvas}</Wall>;
  const client = words('map.client');
  return (
    <div className={style['page']}>
      <Tools
        {...{ values, change, hits, placing }}
        count={words('map.services', { count: servicesOf(graph) })}
        onNextHit={nextHit}
        onTidy={tidy}
        onExport={(format) =>
          void import('./save.ts').then(({ saveMap }) =>
            saveMap(format, { graph, places: placing.places, minutes, client, sort, hits }),
          )
        }
      />
      {map.query.error && <Failure error={map.query.error} isStale />}
      <Notes
        {...{ values, change }}
        hiddenEdges={drawn ? graph.edges.filter((edge) => !drawn.has(edge.key)).length : 0}
        isForced={map.folded?.isForced ?? false}
        isExact={map.answer?.isExact ?? true}
        isUnsaved={placing.isUnsaved}
        isFocused={map.isFocused}
      />
      <div className={style['body']} data-panel={hasPanel}>
        {values.view === 'table' ? (
          <Suspense fallback={<Skeleton rows={10} />}>
            <MapTable
              {...{ graph, minutes, selected, hits, sort }}
              onSelect={select}
              onSort={(next) => change({ sort: writeSort(next) })}
              changes={comparison?.changes}
            />
          </Suspense>
        ) : (
          <div className={style['picture']}>
            {placing.places.size > 0 ? canvas : <div className="card" />}
            <Legend hasGroups={map.folded !== undefined && map.folded.by !== 'none'} />
          </div>
        )}
        {hasPanel && (
          <Side
            {...{ values, change, search, map, graph, selected, open, select }}
            onShow={(key) => setGoal({ key })}
          />
        )}
      </div>
      <Strip
        scope={map.scope}
        insights={insights}
        onRange={(from, to) => change({ t: { kind: 'between', from, to } }, 'push')}
      />
    </div>
  );
}

interface SideProps extends Props {
  selected: string;
  open: (key: string) => void;
  select: (key: string) => void;
  onShow: (key: string) => void;
}

/** What stands beside the map: the chosen one, or what changed. */
function Side({ values, change, search, map, graph, selected, open, select, onShow }: SideProps) {
  const { minutes, comparison } = map;
  if (selected === '') {
    return (
      <Suspense>
        <Changes
          {...{ comparison, minutes }}
          isThenEmpty={map.isThenEmpty}
          vs={values.vs}
          onSelect={(key) => {
            select(shownKey(graph, key));
            onShow(shownKey(graph, key));
          }}
          onClose={() => change({ vs: '' }, 'push')}
        />
      </Suspense>
    );
  }
  return (
    <Panel
      {...{ graph, minutes, search, change }}
      scope={map.scope}
      values={{ ...values, sel: selected }}
      insights={map.insights}
      difference={comparison?.changes.get(selected)}
      onSelect={select}
      onOpen={open}
    />
  );
}

/** Gives cards their places; those of the whole map are everybody's. */
function useView(map: Shown, graph: Graph, values: Chosen) {
  const by = map.folded?.by ?? 'none';
  const isPlain = values.q === '' && values.hide === '' && values.vs === '' && !map.isFocused;
  const key = map.isFocused
    ? `focus ${values.focus} ${values.dir} ${values.depth} ${by}`
    : layoutKey(values.g, by);
  return usePlaces(graph, key, !map.isFocused, isPlain);
}

/** Opens a card that stands for many, or closes the group that one belongs to. */
function useOpening(graph: Graph, { exp }: Chosen, change: Change) {
  return useCallback(
    (key: string) => {
      const node = graph.nodes.find((one) => one.key === key);
      if (node?.members) change({ exp: [...exp, node.name], sel: '' }, 'push');
      else if (node?.group !== undefined && exp.includes(node.group)) {
        change({ exp: exp.filter((one) => one !== node.group), sel: '' }, 'push');
      }
    },
    [graph, exp, change],
  );
}

interface KeyProps {
  values: Chosen;
  change: Change;
  selected: string;
  tidy: () => void;
  toggle: () => void;
}

function useMapKeys({ values, change, selected, tidy, toggle }: KeyProps): void {
  const depths = Object.fromEntries(
    (['1', '2', '3', '4', '5'] as const).map((depth) => [`Digit${depth}`, () => change({ depth })]),
  );
  const [both, up, down] = DIRECTIONS;
  useShortcuts({
    ...depths,
    KeyU: () => change({ dir: up, depth: 'all' }),
    KeyD: () => change({ dir: down, depth: 'all' }),
    KeyB: () => change({ dir: both, depth: 'all' }),
    KeyF: () => {
      if (values.focus !== '' || selected !== '') {
        change({ focus: values.focus === '' ? selected : '', at: null }, 'push');
      }
    },
    KeyO: () => change({ view: values.view === 'graph' ? 'table' : 'graph' }, 'push'),
    KeyE: toggle,
    Backslash: () => change({ sel: '' }),
    'Shift+KeyT': tidy,
  });
}

/** Returns how many services the cards stand for. */
function servicesOf(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + (node.members?.length ?? 1), 0);
}

/** Returns the keys of the cards that an open insight names. */
function flaggedOf(graph: Graph, insights: readonly OpenInsight[]): Set<string> {
  const named = insights.filter((one) => one.isActive).flatMap((one) => one.services);
  return new Set(named.map((key) => shownKey(graph, key)));
}
