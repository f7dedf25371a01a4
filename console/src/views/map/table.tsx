// The map as a table: the same services with the same numbers, sorted as wanted.
import { useState } from 'react';
import { compact, duration, percent, perMinute } from '../../lib/format.ts';
import { averageOf, markOf, percentileOf, shareOf } from '../../model/graph.ts';
import type { Graph, Node } from '../../model/graph.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './map.module.css';
import { typeName } from './node.tsx';

interface Props {
  graph: Graph;
  minutes: number;
  selected: string;
  onSelect: (key: string) => void;
  find: string;
}

const COLUMNS = {
  service: (node: Node) => node.name,
  type: (node: Node) => node.type,
  requests: (node: Node) => node.stats.total,
  average: (node: Node) => averageOf(node.stats),
  p95: (node: Node) => percentileOf(node, 0.95) ?? 0,
  faults: (node: Node) => shareOf(node.stats, 'fault'),
  errors: (node: Node) => shareOf(node.stats, 'error'),
  throttles: (node: Node) => shareOf(node.stats, 'throttle'),
} as const;
type Column = keyof typeof COLUMNS;

export function MapTable({ graph, minutes, selected, onSelect, find }: Props) {
  const words = useWords();
  const [column, setColumn] = useState<Column>('faults');
  const value = COLUMNS[column];
  const rows = graph.nodes
    .filter((node) => node.name.toLowerCase().includes(find.toLowerCase()))
    .sort((a, b) => compare(value(a), value(b)) || (a.key < b.key ? -1 : 1));
  return (
    <section className={`card ${style['table']}`}>
      <table>
        <thead>
          <tr>
            {(Object.keys(COLUMNS) as Column[]).map((name) => (
              <th
                key={name}
                aria-sort={
                  name === column
                    ? typeof value(rows[0] ?? (graph.nodes[0] as Node)) === 'string'
                      ? 'ascending'
                      : 'descending'
                    : undefined
                }
              >
                <button type="button" onClick={() => setColumn(name)}>
                  {name === 'p95' ? 'p95' : words(`map.${name}`)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((node) => (
            <tr
              key={node.key}
              aria-selected={node.key === selected}
              onClick={() => onSelect(node.key)}
            >
              <td>
                <button type="button" aria-pressed={node.key === selected}>
                  <Glyph outcome={markOf(node.stats)} named /> {node.name}
                </button>
              </td>
              <td className="quiet">{node.isClient ? words('map.client') : typeName(node.type)}</td>
              <td className="number">
                {compact(node.stats.total)}{' '}
                <span className="quiet">{perMinute(node.stats.total / minutes)}</span>
              </td>
              <td className="number">{duration(averageOf(node.stats))}</td>
              <td className="number">{duration(percentileOf(node, 0.95) ?? NaN)}</td>
              <td className="number">{percent(shareOf(node.stats, 'fault'))}</td>
              <td className="number">{percent(shareOf(node.stats, 'error'))}</td>
              <td className="number">{percent(shareOf(node.stats, 'throttle'))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Names from A on, numbers from the largest on. */
function compare(a: string | number, b: string | number): number {
  return typeof a === 'string' ? a.localeCompare(String(b)) : Number(b) - a;
}
