// What is different in A: values that are more, or less, frequent in it than elsewhere.
import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { percent } from '../../lib/format.ts';
import { RANKS, differencesToB, keyText, ranked, share } from '../../model/analytics.ts';
import type { Difference, Rank } from '../../model/analytics.ts';
import { useWords } from '../../state/language.tsx';
import style from './analytics.module.css';
import { useTableName } from './names.ts';
import type { Common } from './page.tsx';

const SHOWN_MAX = 12;

export function Differences(props: Common & { onPick: (filter: string) => void }) {
  const { answer, values, change, chosen, totals, onPick } = props;
  const words = useWords();
  const differences = useMemo(
    () =>
      chosen.b && answer.end ? differencesToB(answer.tables, totals) : (answer.differences ?? []),
    [answer, chosen.b, totals],
  );
  const shown = ranked(differences, values.rank).slice(0, SHOWN_MAX);
  return (
    <section className={`card ${style['differences']}`} aria-label={words('analytics.different')}>
      <header>
        <h2>{words('analytics.different')}</h2>
        <span className={style['spring']} />
        <label>
          <span className="quiet">{words('analytics.rank')}</span>
          <select
            className="input"
            value={values.rank}
            onChange={(event) => change({ rank: event.target.value as Rank })}
          >
            {RANKS.map((one) => (
              <option key={one} value={one}>
                {words(`analytics.ranks.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </header>
      {!chosen.a ? (
        <p className={`quiet ${style['hint']}`}>{words('analytics.chooseFirst')}</p>
      ) : answer.differences === null ? (
        <p className={`quiet ${style['hint']}`}>{words('analytics.working')}</p>
      ) : shown.length === 0 ? (
        <p className={`quiet ${style['hint']}`}>{words('analytics.same')}</p>
      ) : (
        <ol tabIndex={0} aria-label={words('analytics.different')}>
          {shown.map((one) => (
            <Line key={`${one.by} ${one.key}`} one={one} isToB={chosen.b} onPick={onPick} />
          ))}
        </ol>
      )}
    </section>
  );
}

interface LineProps {
  one: Difference;
  isToB: boolean;
  onPick: (filter: string) => void;
}

function Line({ one, isToB, onPick }: LineProps) {
  const words = useWords();
  const nameOf = useTableName();
  const [ours, theirs] = [share(one.a, one.aTotal), share(one.rest, one.restTotal)];
  const said = words(isToB ? 'analytics.saysB' : 'analytics.says', {
    what: `${nameOf(one.by)} ${keyText(one.by, one.key)}`,
    a: percent(ours),
    rest: percent(theirs),
  });
  return (
    <li>
      <div className={style['what']} title={said}>
        <span className="quiet">{nameOf(one.by)}</span>
        <span className="cut mono">{keyText(one.by, one.key)}</span>
      </div>
      <div className={style['bars']} role="img" aria-label={said}>
        <Bar token="A" part={ours} />
        <Bar token={isToB ? 'B' : 'all'} part={theirs} />
      </div>
      <button
        type="button"
        className="button plain"
        disabled={one.filter === ''}
        aria-label={words('analytics.add', {
          what: `${nameOf(one.by)} ${keyText(one.by, one.key)}`,
        })}
        title={words('analytics.add', { what: one.filter })}
        onClick={() => onPick(one.filter)}
      >
        <Plus size={14} />
      </button>
    </li>
  );
}

function Bar({ token, part }: { token: string; part: number }) {
  return (
    <span>
      <i style={{ width: `max(1px, ${part * 100}%)`, background: `var(--${token})` }} />
      <b>{percent(part)}</b>
    </span>
  );
}
