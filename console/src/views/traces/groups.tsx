// Traces by one value that they have in common, over all that match.
import { Minus, Plus } from 'lucide-react';
import type { MouseEvent } from 'react';
import { compact, duration, percent } from '../../lib/format.ts';
import { and } from '../../model/filter.ts';
import { OUTCOMES } from '../../model/status.ts';
import { GROUPINGS, annotationOf, without } from '../../model/traces.ts';
import type { Aggregate, Group, Measures } from '../../model/traces.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { Failure } from '../states.tsx';
import { GroupBy } from './groupby.tsx';
import style from './groups.module.css';
import type { ChangeList, ListValues } from './params.ts';

interface Props {
  data: Aggregate | undefined;
  error: Error | null;
  values: ListValues;
  change: ChangeList;
  isStale: boolean;
}

const ms = (micros: number | null) => (micros === null ? NaN : micros / 1e3);

export function Groups({ data, error, values, change, isStale }: Props) {
  const words = useWords();
  useShortcuts({ Space: pickFocused });
  return (
    <section className={`card ${style['groups']}`} aria-label={words('traces.groupBy')}>
      <Bar data={data} values={values} change={change} />
      {error && !data && <Failure error={error} />}
      {data && data.groups.length === 0 && (
        <p className={style['none']}>
          {words(values.find === '' ? 'traces.noGroups' : 'traces.noneFound')}
        </p>
      )}
      {data && data.groups.length > 0 && (
        <div className={style['scroll']} aria-busy={isStale}>
          <Table data={data} values={values} change={change} />
        </div>
      )}
    </section>
  );
}

/** By what, how many there are, and which of them are looked for. */
function Bar({ data, values, change }: Pick<Props, 'data' | 'values' | 'change'>) {
  const words = useWords();
  const { pick, find } = values;
  return (
    <div className={style['by']}>
      <GroupBy values={values} change={change} />
      {data && (
        <span className="quiet">{words('traces.groupCount', { count: countOf(data) })}</span>
      )}
      {data && (data.others.groups > 0 || find !== '') && (
        <input
          className="input"
          type="search"
          aria-label={words('traces.search')}
          placeholder={words('traces.search')}
          value={find}
          spellCheck={false}
          onChange={(event) => change({ find: event.target.value })}
        />
      )}
      {data && !data.exact && <span className="badge">{words('traces.inexact')}</span>}
      {pick !== '' && (
        <button type="button" className="button" onClick={() => change({ pick: '' }, 'push')}>
          {words('traces.unpick')}
        </button>
      )}
    </div>
  );
}

interface TableProps extends Pick<Props, 'values' | 'change'> {
  data: Aggregate;
}

function Table({ data, values, change }: TableProps) {
  const words = useWords();
  const { pick, q, find } = values;
  const total = data.total.traces;
  const most = Math.max(1, ...data.groups.map((group) => group.measures.traces));
  const actions = (group: Group) => ({
    pick: () => change({ pick: group.filter === pick ? '' : group.filter }, 'push'),
    add: () => change({ q: and(q, group.filter), pick: '' }, 'push'),
    exclude: () => change({ q: without(q, group.filter), pick: '' }, 'push'),
  });
  const others = words('traces.others', { count: data.others.groups });
  return (
    <table>
      <Heads />
      <tbody>
        {data.groups.map((group) => (
          <Line
            key={group.key}
            group={group}
            total={total}
            most={most}
            isPicked={pick !== '' && group.filter === pick}
            {...actions(group)}
          />
        ))}
        {data.none.traces > 0 && find === '' && (
          <Rest label={words('traces.empty')} measures={data.none} total={total} />
        )}
        {data.others.groups > 0 && (
          <Rest label={others} measures={data.others.measures} total={total} />
        )}
      </tbody>
    </table>
  );
}

function Heads() {
  const words = useWords();
  return (
    <thead>
      <tr>
        <th>{words('traces.value')}</th>
        <th className="number">{words('traces.count')}</th>
        <th className="number">{words('traces.share')}</th>
        <th className="number">{words('traces.average')}</th>
        <th className="number">{words('traces.p95')}</th>
        <th>{words('traces.outcomes')}</th>
        <th className="number" title={words('traces.deltaTitle')}>
          {words('traces.delta')}
        </th>
        <th>
          <span className="hidden">{words('traces.filterBy')}</span>
        </th>
      </tr>
    </thead>
  );
}

function countOf({ groups, others }: Aggregate): number {
  return groups.length + others.groups;
}

/** Returns the words of what traces are grouped by. */
export function useGroupingName(): (by: string) => string {
  const words = useWords();
  return (by) =>
    annotationOf(by) ??
    words('traces.by', { by: (GROUPINGS as readonly string[]).includes(by) ? by : 'other' });
}

/** Space picks the group that has the focus; a button takes it itself. */
function pickFocused(): void {
  const row = document.activeElement?.closest('tr');
  row?.querySelector<HTMLElement>('button')?.click();
}

interface LineProps {
  group: Group;
  total: number;
  most: number;
  isPicked: boolean;
  pick: () => void;
  add: () => void;
  exclude: () => void;
}

function Line({ group, total, most, isPicked, pick, add, exclude }: LineProps) {
  const words = useWords();
  const { measures, key } = group;
  const canPick = group.filter !== '';
  const click = (event: MouseEvent) => {
    event.stopPropagation();
    if (!canPick) return;
    if (event.altKey) exclude();
    else pick();
  };
  return (
    <tr aria-selected={isPicked} data-can={canPick} onClick={click}>
      <td>
        <span
          className={style['weight']}
          style={{ width: `${(measures.traces / most) * 100}%` }}
          aria-hidden="true"
        />
        <button
          type="button"
          className={`cut mono ${style['pick']}`}
          aria-pressed={isPicked}
          title={canPick ? `${key}\n${words('traces.pickHint')}` : key}
          disabled={!canPick}
          onClick={click}
        >
          <Key text={key} />
        </button>
      </td>
      <Numbers measures={measures} total={total} />
      <td className="number">
        <Delta group={group} />
      </td>
      <td className={style['do']}>
        {canPick && (
          <>
            <Small label={words('traces.add', { value: key })} icon={Plus} onClick={add} />
            <Small label={words('traces.exclude', { value: key })} icon={Minus} onClick={exclude} />
          </>
        )}
      </td>
    </tr>
  );
}

/** A key; of nodes, as `name~type`, the type is quiet. */
function Key({ text }: { text: string }) {
  return text.split(/(~[^~→]*?)(?= → |$)/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span key={index} className={`quiet ${style['type']}`}>
        {part.slice(1)}
      </span>
    ),
  );
}

function Small(props: { label: string; icon: typeof Plus; onClick: () => void }) {
  const { label, icon: Icon, onClick } = props;
  return (
    <button
      type="button"
      className="button plain"
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation();
        onClick();
      }}
    >
      <Icon size={14} />
    </button>
  );
}

/** Traces of which no term tells. */
function Rest({ label, measures, total }: { label: string; measures: Measures; total: number }) {
  return (
    <tr className={style['rest']}>
      <td>
        <span className="quiet">{label}</span>
      </td>
      <Numbers measures={measures} total={total} />
      <td />
      <td />
    </tr>
  );
}

function Numbers({ measures, total }: { measures: Measures; total: number }) {
  const words = useWords();
  const parts = OUTCOMES.filter((outcome) => measures[outcome] > 0);
  const said = parts
    .map((outcome) => `${words(`status.${outcome}`)} ${measures[outcome]}`)
    .join(', ');
  return (
    <>
      <td className="number">{words('traces.number', { count: measures.traces })}</td>
      <td className="number">{percent(total === 0 ? 0 : measures.traces / total)}</td>
      <td className="number">{duration(ms(measures.average))}</td>
      <td className="number">{duration(ms(measures.p95))}</td>
      <td>
        <div className={style['share']} role="img" aria-label={said} title={said}>
          {parts.map((outcome) => (
            <span
              key={outcome}
              className={`fill-${outcome}`}
              style={{ flexGrow: measures[outcome] }}
            />
          ))}
        </div>
      </td>
    </>
  );
}

/** How much slower than in the window before; the title has how many there were. */
function Delta({ group: { measures, previous } }: { group: Group }) {
  const words = useWords();
  if (!previous || previous.traces === 0) {
    return <span className="badge">{words('traces.new')}</span>;
  }
  const title = words('traces.before', {
    count: compact(previous.traces),
    average: duration(ms(previous.average)),
  });
  if (measures.average === null || previous.average === null) return <span title={title}>–</span>;
  const change = measures.average - previous.average;
  // Less than a twentieth is noise to a reader.
  const isSmall = Math.abs(change) < previous.average / 20;
  const sign = change > 0 ? '+' : '−';
  return (
    <span title={title} className={isSmall ? 'quiet' : style[change > 0 ? 'worse' : 'better']}>
      {isSmall ? '≈' : `${sign}${duration(Math.abs(ms(change)))}`}
    </span>
  );
}
