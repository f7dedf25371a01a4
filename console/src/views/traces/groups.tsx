// Traces by one value that they have in common.
import { duration, percent } from '../../lib/format.ts';
import { OUTCOMES } from '../../model/status.ts';
import { GROUPINGS } from '../../model/summary.ts';
import type { Group, Grouping } from '../../model/summary.ts';
import { useWords } from '../../state/language.tsx';
import style from './page.module.css';

/** How many groups are shown. */
const GROUPS_MAX = 50;

interface Props {
  groups: readonly Group[];
  total: number;
  by: Grouping;
  pick: string;
  change: (next: { by?: Grouping; pick?: string }, step?: 'push' | 'replace') => void;
}

export function Groups({ groups, total, by, pick, change }: Props) {
  const words = useWords();
  return (
    <section className={`card ${style['groups']}`} aria-label={words('traces.groupBy')}>
      <div className={style['by']}>
        <label htmlFor="by" className="quiet">
          {words('traces.groupBy')}
        </label>
        <select
          id="by"
          className="input"
          value={by}
          onChange={(event) => change({ by: event.target.value as Grouping, pick: '' }, 'push')}
        >
          {GROUPINGS.map((one) => (
            <option key={one} value={one}>
              {words('traces.by', { by: one })}
            </option>
          ))}
        </select>
        {pick !== '' && (
          <button type="button" className="button" onClick={() => change({ pick: '' }, 'push')}>
            {words('traces.unpick')}
          </button>
        )}
      </div>
      <table>
        <thead>
          <tr>
            <th>{words('traces.value')}</th>
            <th className="number">{words('traces.count')}</th>
            <th className="number">{words('traces.share')}</th>
            <th className="number">{words('traces.average')}</th>
            <th className="number">{words('traces.p95')}</th>
            <th>{words('traces.outcomes')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, GROUPS_MAX).map((group) => (
            <Line
              key={group.value}
              group={group}
              total={total}
              isPicked={pick !== '' && group.value === pick}
              onPick={() => change({ pick: group.value === pick ? '' : group.value }, 'push')}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({
  group,
  total,
  isPicked,
  onPick,
}: {
  group: Group;
  total: number;
  isPicked: boolean;
  onPick: () => void;
}) {
  const words = useWords();
  const parts = OUTCOMES.filter((outcome) => group.outcomes[outcome] > 0);
  const said = parts
    .map((outcome) => `${words(`status.${outcome}`)} ${group.outcomes[outcome]}`)
    .join(', ');
  return (
    <tr aria-selected={isPicked} onClick={onPick}>
      <td>
        <button
          type="button"
          className={`cut mono ${style['pick']}`}
          aria-pressed={isPicked}
          title={group.value}
          onClick={(event) => {
            event.stopPropagation();
            onPick();
          }}
        >
          {group.value === '' ? words('traces.empty') : group.value}
        </button>
      </td>
      <td className="number">{group.count}</td>
      <td className="number">{percent(total === 0 ? 0 : group.count / total)}</td>
      <td className="number">{duration(group.average)}</td>
      <td className="number">{duration(group.p95)}</td>
      <td>
        <div className={style['share']} role="img" aria-label={said} title={said}>
          {parts.map((outcome) => (
            <span
              key={outcome}
              className={`fill-${outcome}`}
              style={{ flexGrow: group.outcomes[outcome] }}
            />
          ))}
        </div>
      </td>
    </tr>
  );
}
