// The slowest traces of a set, and the way to all of them.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { setTracesQuery } from '../../api/analytics.ts';
import { dateTime, duration } from '../../lib/format.ts';
import { formatRange } from '../../lib/range.ts';
import type { Window } from '../../lib/range.ts';
import { expressionOf } from '../../model/analytics.ts';
import { pathOf } from '../../model/document.ts';
import { and } from '../../model/filter.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './analytics.module.css';
import { setOf } from './params.ts';
import type { Change, Shown } from './params.ts';

interface Props {
  values: Shown;
  change: Change;
  window: Window;
  group: string;
  filter: string;
  chosen: { a: boolean; b: boolean };
}

export function SetTraces({ values, change, window, group, filter, chosen }: Props) {
  const words = useWords();
  const clock = useClock();
  const name = values.list === 'B' && chosen.b ? 'B' : 'A';
  const set = setOf(values, name);
  const whole = and(filter, expressionOf(set));
  const span = set.window ?? window;
  const { data } = useQuery(setTracesQuery(span, whole, group));
  const search = {
    q: whole,
    t: set.window ? formatRange({ kind: 'between', ...set.window }) : formatRange(values.t),
    ...(group !== '' && { g: group }),
    sort: 'slowest',
  };
  return (
    <section aria-label={words('analytics.tracesOf', { name })}>
      <div className={style['bar']}>
        <h2>
          {words(chosen.a || chosen.b ? 'analytics.tracesOf' : 'analytics.slowest', { name })}
        </h2>
        {chosen.a && chosen.b && (
          <div className="segments" role="group">
            {(['A', 'B'] as const).map((one) => (
              <button
                key={one}
                type="button"
                className="button"
                aria-pressed={name === one}
                onClick={() => change({ list: one })}
              >
                {one}
              </button>
            ))}
          </div>
        )}
        <span className={style['spring']} />
        <Link to={'/traces' as never} search={search as never} className="button">
          {words('analytics.open')}
        </Link>
      </div>
      <div className={`card ${style['found']}`}>
        <table>
          <thead>
            <tr>
              {(
                ['status', 'started', 'response', 'request', 'entry', 'user', 'cause'] as const
              ).map((one) => (
                <th key={one} className={one === 'response' ? 'number' : undefined}>
                  {words(`traces.${one}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data?.rows.map((one) => (
              <tr key={one.id}>
                <td>
                  <span className={style['status']}>
                    <Glyph outcome={one.status} named /> {one.httpStatus}
                  </span>
                </td>
                <td>
                  <Link to={'/traces/$id' as never} params={{ id: one.id } as never} title={one.id}>
                    {dateTime(one.startedAt, clock)}
                  </Link>
                </td>
                <td className="number">
                  {one.responseTime === null ? '–' : duration(one.responseTime)}
                </td>
                <td className="cut mono" title={one.url}>
                  <span className="quiet">{one.method}</span> {pathOf(one.url)}
                </td>
                <td className="cut">{one.entry}</td>
                <td className="cut">{one.user}</td>
                <td className="cut" title={one.cause}>
                  {one.cause}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
