// How often each value occurs, in all traces, in A and in B; a click takes the value into a set.
import { X } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { findQuery } from '../../api/analytics.ts';
import type { Question } from '../../api/analytics.ts';
import { compact, percent } from '../../lib/format.ts';
import { TABLES, TABLE_SORTS, deltaOf, keyText, share, sortedRows } from '../../model/analytics.ts';
import type { Table, TableRow } from '../../model/analytics.ts';
import { useWords } from '../../state/language.tsx';
import style from './analytics.module.css';
import { useTableName } from './names.ts';
import type { Common } from './page.tsx';

/** Tables with more rows can be searched. */
const SEARCH_MIN = 7;

type Props = Common & { question: Question; onPick: (filter: string) => void };

export function Tables(props: Props) {
  const { answer, values, change } = props;
  const asked = props.question.tables;
  const words = useWords();
  const nameOf = useTableName();
  const addable = TABLES.filter((one) => !asked.includes(one));
  const known = new Map(answer.tables.map((one) => [one.by, one]));
  return (
    <section aria-label={words('analytics.tables')}>
      <div className={style['bar']}>
        <h2>{words('analytics.tables')}</h2>
        <span className={style['spring']} />
        <label>
          <span className="quiet">{words('traces.sort')}</span>
          <select
            className="input"
            value={values.sort}
            onChange={(event) =>
              change({ sort: event.target.value as (typeof TABLE_SORTS)[number] })
            }
          >
            {TABLE_SORTS.map((one) => (
              <option key={one} value={one}>
                {words(`analytics.sorts.${one}`)}
              </option>
            ))}
          </select>
        </label>
        <select
          className="input"
          aria-label={words('analytics.addTable')}
          value=""
          onChange={(event) => change({ tables: [...asked, event.target.value] }, 'push')}
        >
          <option value="" disabled>
            {words('analytics.addTable')}
          </option>
          {addable.map((one) => (
            <option key={one} value={one}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      </div>
      <div className={style['tables']}>
        {asked.map((by) => {
          const table = known.get(by);
          // Nothing has such a value: no use for a table of it.
          if (table && table.rows.length === 0 && values.tables.length === 0) return null;
          return (
            <ValueTable
              key={by}
              {...props}
              by={by}
              table={table}
              onClose={() => change({ tables: asked.filter((one) => one !== by) }, 'push')}
            />
          );
        })}
      </div>
    </section>
  );
}

type TableProps = Props & { by: string; table: Table | undefined; onClose: () => void };

function ValueTable(props: TableProps) {
  const { by, table, totals, values, onClose, question, answer } = props;
  const words = useWords();
  const name = useTableName()(by);
  const [find, setFind] = useState('');
  const text = useDeferredValue(find.trim());
  const isBeyond = text !== '' && (table?.others.groups ?? 0) > 0;
  const beyond = useQuery({
    ...findQuery(question, answer.window, by, text),
    enabled: isBeyond,
  }).data;
  const all = sortedRows(table?.rows ?? [], values.sort, totals);
  const known = all.filter((row) => row.key.toLowerCase().includes(text.toLowerCase()));
  const found = isBeyond && beyond ? beyond : undefined;
  const rows = found ? sortedRows(found.rows, values.sort, totals) : known;
  return (
    <section className={`card ${style['table']}`} aria-label={name} data-by={by}>
      <header>
        <h3 className="cut" title={name}>
          {name}
        </h3>
        {all.length > SEARCH_MIN && (
          <input
            className="input"
            type="search"
            aria-label={words('analytics.search', { name })}
            placeholder={words('analytics.find')}
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
        )}
        <button
          type="button"
          className="button plain"
          aria-label={words('analytics.closeTable', { name })}
          title={words('analytics.closeTable', { name })}
          onClick={onClose}
        >
          <X size={13} />
        </button>
      </header>
      <div className={style['scroll']} tabIndex={0} role="group" aria-label={name}>
        <Rows {...props} rows={rows} others={text === '' ? table?.others : found?.others} />
      </div>
    </section>
  );
}

interface RowsProps extends TableProps {
  rows: readonly TableRow[];
  others: Table['others'] | undefined;
}

function Rows(props: RowsProps) {
  const { table, rows, chosen, others } = props;
  const words = useWords();
  return (
    <table>
      <thead>
        <tr>
          <th>{words('traces.value')}</th>
          <th className="number">{words('traces.count')}</th>
          {!chosen.b && <th className="number">%</th>}
          {chosen.a && <th className="number">A</th>}
          {chosen.b && <th className="number">B</th>}
          {chosen.a && (
            <th className="number" title={words('analytics.deltaText')}>
              Δ
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.key} {...props} row={row} />
        ))}
        {table && table.rows.length > 0 && table.none.all > 0 && (
          <tr className="quiet">
            <td>{words('traces.empty')}</td>
            <Cells {...props} row={table.none} />
          </tr>
        )}
        {others && others.groups > 0 && (
          <tr className="quiet">
            <td>{words('analytics.others', { count: others.groups })}</td>
            <Cells {...props} row={others} />
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Row(props: TableProps & { row: TableRow }) {
  const { by, row, totals, onPick, values } = props;
  const words = useWords();
  const title = words('analytics.addTo', { what: row.filter, name: values.set });
  return (
    <tr data-pick={row.filter !== ''} onClick={() => row.filter !== '' && onPick(row.filter)}>
      <td>
        <i style={{ width: `${share(row.all, totals.all) * 100}%` }} />
        <button
          type="button"
          className={`cut mono ${style['pick']}`}
          disabled={row.filter === ''}
          title={row.filter === '' ? row.key : `${row.key}\n${title}`}
          onClick={(event) => {
            event.stopPropagation();
            onPick(row.filter);
          }}
        >
          {keyText(by, row.key)}
        </button>
      </td>
      <Cells {...props} />
    </tr>
  );
}

function Cells({ row, totals, chosen }: TableProps & { row: Pick<TableRow, 'all' | 'a' | 'b'> }) {
  const delta = deltaOf(row, totals);
  return (
    <>
      <td className="number">{compact(row.all)}</td>
      {!chosen.b && <td className="number quiet">{percent(share(row.all, totals.all))}</td>}
      {chosen.a && (
        <td className="number" title={String(row.a)}>
          {percent(share(row.a, totals.a))}
        </td>
      )}
      {chosen.b && (
        <td className="number" title={String(row.b ?? 0)}>
          {percent(share(row.b ?? 0, totals.b ?? 0))}
        </td>
      )}
      {chosen.a && (
        <td className="number">
          <Delta value={delta} />
        </td>
      )}
    </>
  );
}

/** A difference of shares in points, with the side that has more by colour and sign. */
function Delta({ value }: { value: number }) {
  const points = Math.round(value * 1000) / 10;
  if (points === 0) return <span className="quiet">0</span>;
  return (
    <span className={style['delta']} data-side={points > 0 ? 'A' : 'B'}>
      {points > 0 ? '+' : '−'}
      {Math.abs(points) >= 10 ? Math.round(Math.abs(points)) : Math.abs(points)}
    </span>
  );
}
