// Insights side by side in time: a lane for each root cause, a bar for each insight.
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { percent } from '../../lib/format.ts';
import type { Search } from '../../lib/search.ts';
import type { Window } from '../../lib/range.ts';
import { timeLabels, timeTicks } from '../../lib/ticks.ts';
import { faultShare, lanesOf } from '../../model/insight.ts';
import type { Insight } from '../../model/insight.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, scopeOf, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import style from './lanes.module.css';

const LANES_MAX = 12;

interface Props {
  insights: readonly Insight[];
  window: Window;
}

export function Lanes({ insights, window }: Props) {
  const words = useWords();
  const clock = useClock();
  const { search } = useUrl(SCOPE);
  const lanes = useMemo(() => lanesOf(insights).slice(0, LANES_MAX), [insights]);
  const span = window.to - window.from;
  const place = (at: number) =>
    `${Math.min(100, Math.max(0, ((at - window.from) / span) * 100)).toFixed(3)}%`;
  const ticks = timeTicks(window.from, window.to, 8, clock);
  const labels = timeLabels(ticks, (ticks[1] ?? window.to) - (ticks[0] ?? window.from), clock);
  return (
    <section className={`card ${style['lanes']}`} aria-label={words('insights.timeline')}>
      {lanes.map((lane) => (
        <div key={lane.key} className={style['lane']}>
          <span className={`cut ${style['name']}`} title={lane.name}>
            {lane.name || words('insights.unknown')} <span className="quiet">{lane.group}</span>
          </span>
          <div className={style['track']}>
            {ticks.map((at) => (
              <i key={at} className={style['tick']} style={{ left: place(at) }} />
            ))}
            {lane.insights.map((insight) => (
              <LaneBar
                key={insight.id}
                insight={insight}
                left={place(insight.from)}
                right={place(insight.to ?? window.to)}
                search={scopeOf(search)}
              />
            ))}
          </div>
        </div>
      ))}
      <div className={style['lane']} aria-hidden="true">
        <span className={style['name']} />
        <div className={style['axis']}>
          {ticks.map((at, index) => (
            <span key={at} style={{ left: place(at) }}>
              {labels[index]}
            </span>
          ))}
        </div>
      </div>
    </section>
  );
}

interface BarProps {
  insight: Insight;
  left: string;
  right: string;
  search: Search;
}

function LaneBar({ insight, left, right, search }: BarProps) {
  const words = useWords();
  const share = percent(faultShare(insight.clients));
  const name = words('insights.barName', {
    service: insight.root?.name ?? words('insights.unknown'),
    share,
    state: insight.isActive ? 'active' : 'closed',
  });
  return (
    <Link
      to={'/insights/$id' as never}
      params={{ id: insight.id } as never}
      search={search as never}
      className={style['bar']}
      data-active={insight.isActive}
      style={{ left, width: `max(14px, calc(${right} - ${left}))` }}
      aria-label={name}
      title={name}
    >
      <span className={insight.isActive ? 'fill-fault' : style['past']} />
      <b>
        <Glyph outcome="fault" /> {share}
      </b>
    </Link>
  );
}
