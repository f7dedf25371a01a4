// The services of one trace and their calls, drawn as on the service map.
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { traceGraphQuery } from '../../api/queries.ts';
import { compact, duration } from '../../lib/format.ts';
import { averageOf, reach } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { layout } from '../../model/layout.ts';
import type { Trace } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { MapCanvas } from '../map/canvas.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { PARAMS } from './params.ts';
import style from './page.module.css';

export function MapView({ trace, views }: { trace: Trace; views: ReactNode }) {
  const words = useWords();
  const query = useQuery(traceGraphQuery(trace.id));
  const [selected, setSelected] = useState('');
  const graph = query.data;
  const places = useMemo(() => graph && layout(graph), [graph]);
  const lit = useMemo(() => (graph ? litOf(graph, selected) : undefined), [graph, selected]);
  return (
    <div className={style['timeline']}>
      <div className={style['tools']}>
        {views}
        <Chosen graph={graph} selected={selected} />
      </div>
      <div className={style['map']}>
        {query.error && !graph ? (
          <Failure error={query.error} />
        ) : !graph || !places ? (
          <Skeleton rows={8} />
        ) : (
          <MapCanvas
            graph={graph}
            places={places}
            lit={lit}
            // Counts are of one trace: a rate says nothing.
            minutes={1}
            selected={selected}
            onSelect={setSelected}
          />
        )}
      </div>
      <p className="hidden">{words('trace.mapText')}</p>
    </div>
  );
}

function litOf(graph: Graph, key: string): Set<string> | undefined {
  if (graph.nodes.some((node) => node.key === key)) return reach(graph, key, 'both');
  const edge = graph.edges.find((one) => one.key === key);
  return edge && new Set([edge.from, edge.to]);
}

/** What was chosen on the map, and the way to its rows. */
function Chosen({ graph, selected }: { graph: Graph | undefined; selected: string }) {
  const words = useWords();
  const { change } = useUrl(PARAMS);
  const nameOf = (key: string) => graph?.nodes.find((one) => one.key === key)?.name ?? '';
  const node = graph?.nodes.find((one) => one.key === selected);
  const edge = graph?.edges.find((one) => one.key === selected);
  const subject = node ?? edge;
  if (!subject) return <span className="quiet">{words('trace.mapHint')}</span>;
  const name = node ? node.name : `${nameOf(edge?.from ?? '')} → ${nameOf(edge?.to ?? '')}`;
  const target = node?.name ?? nameOf(edge?.to ?? '');
  return (
    <>
      <strong>{name}</strong>
      <span className="quiet">
        {words('trace.calls', { count: compact(subject.stats.total) })} ·{' '}
        {duration(averageOf(subject.stats))}
      </span>
      <button
        type="button"
        className="button"
        onClick={() => change({ view: 'timeline', svc: target }, 'push')}
      >
        {words('trace.showRows')}
      </button>
    </>
  );
}
