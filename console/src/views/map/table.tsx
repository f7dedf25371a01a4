// The map as a table: the same services with the same numbers, sorted as wanted.
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { compact, duration, percent, perMinute } from '../../lib/format.ts';
import type { Change } from '../../model/compare.ts';
import { failsMore, isSlower } from '../../model/compare.ts';
import type { Graph, Node } from '../../model/graph.ts';
import { typeName } from '../../model/kind.ts';
import { markOf } from '../../model/marks.ts';
import { COLUMNS, sortedRows } from '../../model/maptable.ts';
import type { Column, Row, Sort } from '../../model/maptable.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import { signed, signedShare } from './delta.ts';
import style from './table.module.css';

const ROW = 32;

interface Props {
  graph: Graph;
  minutes: number;
  selected: string;
  onSelect: (key: string) => void;
  /** Keys of what was found; absent when nothing is looked for. */
  hits: readonly string[] | undefined;
  sort: Sort;
  onSort: (sort: Sort) => void;
  changes: ReadonlyMap<string, Change> | undefined;
}

export default function MapTable({
  graph,
  minutes,
  selected,
  onSelect,
  hits,
  sort,
  onSort,
  changes,
}: Props) {
  const words = useWords();
  const box = useRef<HTMLElement>(null);
  const rows = sortedRows(graph, sort, hits && new Set(hits));
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const turn = (column: Column) =>
    onSort(
      sort.column === column
        ? { column, isDown: !sort.isDown }
        : { column, isDown: COLUMNS[column].isNumber },
    );
  return (
    <section ref={box} className={`card ${style['table']}`} aria-label={words('map.title')}>
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {(Object.keys(COLUMNS) as Column[]).map((name) => (
              <th
                key={name}
                aria-sort={
                  name === sort.column ? (sort.isDown ? 'descending' : 'ascending') : undefined
                }
              >
                <button type="button" onClick={() => turn(name)}>
                  {/^p\d/.test(name) ? name : words(`map.${name}`)}
                </button>
              </th>
            ))}
            {changes && <th>{words('map.change')}</th>}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden="true" style={{ height: above }} />}
          {items.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <TableRow
                  key={row.node.key}
                  row={row}
                  index={item.index}
                  minutes={minutes}
                  isSelected={row.node.key === selected}
                  onSelect={onSelect}
                  change={changes?.get(row.node.key)}
                  hasChanges={changes !== undefined}
                />
              )
            );
          })}
          {below > 0 && <tr aria-hidden="true" style={{ height: below }} />}
        </tbody>
      </table>
      {rows.length === 0 && <p className="quiet">{words('map.found', { count: 0 })}</p>}
    </section>
  );
}

interface RowProps {
  row: Row;
  index: number;
  minutes: number;
  isSelected: boolean;
  onSelect: (key: string) => void;
  change: Change | undefined;
  hasChanges: boolean;
}

function TableRow({ row, index, minutes, isSelected, onSelect, change, hasChanges }: RowProps) {
  const words = useWords();
  const { node, callers, callees } = row;
  const read = (column: Column) => COLUMNS[column].read(row) as number;
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      data-state={node.state}
      onClick={() => onSelect(isSelected ? '' : node.key)}
    >
      <td>
        <button type="button" aria-pressed={isSelected}>
          <Glyph outcome={markOf(node)} named /> <span className="cut">{node.name}</span>
          {node.isOrigin && <span className="badge">{words('map.origin')}</span>}
        </button>
      </td>
      <td className="quiet">{kind(node, words)}</td>
      <td>
        {compact(node.stats.total)}{' '}
        <span className="quiet">{perMinute(node.stats.total / minutes)}</span>
      </td>
      {(['average', 'p50', 'p95', 'p99'] as const).map((one) => (
        <td key={one}>{node.stats.total === 0 ? '–' : duration(read(one))}</td>
      ))}
      {(['faults', 'errors', 'throttles'] as const).map((one) => (
        <td key={one} className={read(one) === 0 ? 'quiet' : undefined}>
          {percent(read(one))}
        </td>
      ))}
      <td>{callers}</td>
      <td>{callees}</td>
      {hasChanges && <td>{change && difference(change, words)}</td>}
    </tr>
  );
}

function kind(node: Node, words: ReturnType<typeof useWords>): string {
  if (node.members) return words('map.members', { count: node.members.length });
  return node.isClient ? words('map.client') : typeName(node.type);
}

function difference(change: Change, words: ReturnType<typeof useWords>): string {
  if (change.kind !== 'kept') return words(`map.kinds.${change.kind}`);
  const parts = [
    isSlower(change) && signed(change.average),
    failsMore(change) && words('map.deltaFaults', { share: signedShare(change.fault) }),
  ].filter(Boolean);
  return parts.join(' · ') || '–';
}
