// The service map: who calls whom, how often, how fast, and where it fails.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useRef } from 'react';
import { graphQuery } from '../../api/queries.ts';
import { windowOf } from '../../lib/range.ts';
import { span, text, word, words as wordList } from '../../lib/search.ts';
import { reach } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { anchored } from '../../model/layout.ts';
import type { Places } from '../../model/layout.ts';
import { OUTCOMES } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { Nothing } from '../traces/nothing.tsx';
import { MapCanvas } from './canvas.tsx';
import style from './map.module.css';
import { Panel } from './panel.tsx';
import { MapTable } from './table.tsx';

const PARAMS = {
  ...SCOPE,
  sel: text(),
  find: text(),
  view: word(['graph', 'table'], 'graph'),
  rt: span(),
  st: wordList(OUTCOMES),
};

export default function MapPage() {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const query = useQuery(graphQuery({ range: values.t, filter: '', isLive: values.live !== '' }));
  const graph = query.data;
  const places = usePlaces(graph);
  const find = useDeferredValue(values.find);
  const lit = useMemo(
    () => (graph ? litOf(graph, values.sel, find) : undefined),
    [graph, values.sel, find],
  );
  if (query.error && !graph) return <Failure error={query.error} />;
  if (!graph) return <Skeleton rows={10} />;
  if (graph.nodes.length === 0) return <Nothing range={values.t} filter="" change={change} />;
  const { from, to } = windowOf(values.t, query.dataUpdatedAt);
  const minutes = Math.max(1, (to - from) / 6e4);
  const select = (sel: string) => change({ sel, rt: null, st: [] });
  const shown = { graph, minutes, selected: values.sel, onSelect: select };
  return (
    <div className={style['page']}>
      <header className={style['tools']}>
        <h1>{words('map.title')}</h1>
        <span className="quiet">{words('map.services', { count: graph.nodes.length })}</span>
        <input
          className="input"
          type="search"
          aria-label={words('map.find')}
          placeholder={words('map.find')}
          value={values.find}
          onChange={(event) => change({ find: event.target.value })}
        />
        <div className="segments" role="group">
          {(['graph', 'table'] as const).map((view) => (
            <button
              key={view}
              type="button"
              className="button"
              aria-pressed={values.view === view}
              onClick={() => change({ view }, 'push')}
            >
              {words(`map.${view}`)}
            </button>
          ))}
        </div>
        <ul className={style['legend']} aria-label={words('map.legend')}>
          {OUTCOMES.map((outcome) => (
            <li key={outcome}>
              <Glyph outcome={outcome} /> {words(`status.${outcome}`)}
            </li>
          ))}
        </ul>
      </header>
      {query.error && <Failure error={query.error} isStale />}
      <div className={style['body']} data-panel={values.sel !== ''}>
        {values.view === 'table' ? (
          <MapTable {...shown} find={find} />
        ) : (
          <MapCanvas {...shown} places={places} lit={lit} />
        )}
        <Panel
          {...shown}
          brush={values.rt}
          outcomes={values.st}
          onBrush={(rt) => change({ rt })}
          onOutcomes={(st) => change({ st })}
        />
      </div>
    </div>
  );
}

/** Keeps every service where it was first drawn. */
function usePlaces(graph: Graph | undefined): Places {
  const before = useRef<Places>(new Map());
  return useMemo(() => {
    if (graph) before.current = anchored(graph, before.current);
    return before.current;
  }, [graph]);
}

/** Returns what stands out: what was found, or what the chosen one can reach. */
function litOf(graph: Graph, sel: string, find: string): Set<string> | undefined {
  if (find !== '') {
    const needle = find.toLowerCase();
    const found = graph.nodes.filter((node) =>
      `${node.name} ${node.type}`.toLowerCase().includes(needle),
    );
    return new Set(found.map((node) => node.key));
  }
  if (graph.nodes.some((node) => node.key === sel)) return reach(graph, sel, 'both');
  const edge = graph.edges.find((one) => one.key === sel);
  return edge && new Set([edge.from, edge.to]);
}
