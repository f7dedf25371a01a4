// Insights: what went wrong in the range, which service it came from, and how many it reached.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { groupsQuery } from '../../api/groups.ts';
import { insightsQuery } from '../../api/insights.ts';
import { windowOf } from '../../lib/range.ts';
import { text, word } from '../../lib/search.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, useUrl } from '../../state/url.ts';
import { useRangeWords } from '../range.tsx';
import { Empty, Failure, Skeleton } from '../states.tsx';
import { Lanes } from './lanes.tsx';
import style from './page.module.css';
import { InsightTable } from './table.tsx';

const STATES = ['all', 'active', 'closed'] as const;
const PARAMS = { ...SCOPE, g: text(), state: word(STATES, 'all') };

export default function InsightsPage() {
  const words = useWords();
  const inWords = useRangeWords();
  const { values, change } = useUrl(PARAMS);
  const query = useQuery(insightsQuery(values.t, values.g));
  const groups = useQuery(groupsQuery());
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data || !groups.data) return <Skeleton rows={12} />;
  const ofGroup = groups.data.filter((one) => values.g === '' || one.name === values.g);
  const isWatched = ofGroup.some((one) => one.hasInsights);
  const isOff = !isWatched && query.data.length === 0;
  const counts = {
    active: query.data.filter((one) => one.isActive).length,
    closed: query.data.filter((one) => !one.isActive).length,
  };
  const shown = query.data.filter(
    (one) => values.state === 'all' || one.isActive === (values.state === 'active'),
  );
  const window = windowOf(values.t, query.dataUpdatedAt);
  return (
    <div className={style['page']} aria-busy={query.isPlaceholderData}>
      <header className={style['head']}>
        <h1>{words('insights.title')}</h1>
        {!isOff && <span className="quiet">{words('insights.counts', counts)}</span>}
        <span className={style['spring']} />
        <div className="segments" role="group" aria-label={words('insights.state')}>
          {STATES.map((state) => (
            <button
              key={state}
              type="button"
              className="button"
              aria-pressed={values.state === state}
              onClick={() => change({ state }, 'push')}
            >
              {words('insights.states', { state })}
            </button>
          ))}
        </div>
      </header>
      {query.error && <Failure error={query.error} isStale />}
      {isOff ? (
        <Unwatched group={values.g} />
      ) : shown.length === 0 ? (
        <Empty
          title={words('insights.noneTitle', { range: inWords(values.t) })}
          actions={
            <button
              type="button"
              className="button"
              onClick={() =>
                change({ t: { kind: 'last', length: 7 * 864e5 }, state: 'all' }, 'push')
              }
            >
              {words('insights.widen')}
            </button>
          }
        >
          <p>{words('insights.noneText')}</p>
        </Empty>
      ) : (
        <>
          <Lanes insights={shown} window={window} />
          <InsightTable insights={shown} now={query.dataUpdatedAt} />
        </>
      )}
    </div>
  );
}

/** Says that nobody looks for insights, and where to change that. */
function Unwatched({ group }: { group: string }) {
  const words = useWords();
  return (
    <Empty
      title={words('insights.offTitle')}
      actions={
        <Link
          className="button primary"
          to={'/config/groups/{-$name}' as never}
          params={{ name: group === '' ? 'Default' : group } as never}
          search={{} as never}
        >
          {words('insights.turnOn')}
        </Link>
      }
    >
      <p>{words('insights.offText')}</p>
    </Empty>
  );
}
