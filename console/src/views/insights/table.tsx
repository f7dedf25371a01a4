// The insights one below the other, newest first.
import { Link } from '@tanstack/react-router';
import { ago, compact, dateTime, duration, percent } from '../../lib/format.ts';
import type { EpochMs } from '../../lib/units.ts';
import { faultShare, lengthOf, severityOf } from '../../model/insight.ts';
import type { Insight } from '../../model/insight.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, scopeOf, useUrl } from '../../state/url.ts';
import { typeName } from '../../model/kind.ts';
import style from './page.module.css';

interface Props {
  insights: readonly Insight[];
  now: EpochMs;
}

const COLUMNS = ['state', 'impact', 'what', 'group', 'started', 'length', 'rootFaults'] as const;
const NUMBERS = new Set(['length', 'rootFaults']);

export function InsightTable({ insights, now }: Props) {
  const words = useWords();
  return (
    <section className={`card ${style['table']}`}>
      <table>
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} className={NUMBERS.has(name) ? 'number' : undefined}>
                {words(`insights.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {insights.map((insight) => (
            <Row key={insight.id} insight={insight} now={now} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ insight, now }: { insight: Insight; now: EpochMs }) {
  const words = useWords();
  const clock = useClock();
  const { search } = useUrl(SCOPE);
  const share = faultShare(insight.clients);
  return (
    <tr>
      <td>
        <InsightState isActive={insight.isActive} />
      </td>
      <td>
        <div className={style['impact']}>
          <span>
            {percent(share)}{' '}
            <span className="quiet">
              {words('insights.severities', { severity: severityOf(insight) })}
            </span>
          </span>
          <span className={style['meter']} aria-hidden="true">
            <span className="fill-fault" style={{ width: `${share * 100}%` }} />
          </span>
        </div>
      </td>
      <td className={style['what']}>
        <Link
          to={'/insights/$id' as never}
          params={{ id: insight.id } as never}
          search={scopeOf(search) as never}
        >
          {insight.root?.name ?? words('insights.unknown')}
        </Link>{' '}
        <span className="quiet">{typeName(insight.root?.type ?? '')}</span>
        <p>
          {words('insights.sentence', {
            faults: compact(insight.clients.fault),
            total: compact(insight.clients.total),
            others: insight.anomalous.filter((one) => one.key !== insight.root?.key).length,
          })}
        </p>
      </td>
      <td>{insight.group}</td>
      <td className={style['when']} title={dateTime(insight.from, clock)}>
        {ago(insight.from, now, clock.language)}
      </td>
      <td className="number">{duration(lengthOf(insight, now))}</td>
      <td className="number">
        {compact(insight.rootImpact.fault)}{' '}
        <span className="quiet">{percent(faultShare(insight.rootImpact))}</span>
      </td>
    </tr>
  );
}

/** Says whether an insight goes on. */
export function InsightState({ isActive }: { isActive: boolean }) {
  const words = useWords();
  return (
    <span className={style['state']}>
      <span className={style['dot']} data-on={isActive} />
      {words('insights.stateOf', { state: isActive ? 'active' : 'closed' })}
    </span>
  );
}
