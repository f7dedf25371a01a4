// The list of traces: groups above, traces below, both over all traces that were found.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { SUMMARIES_MAX, tracesQuery } from '../../api/queries.ts';
import { text, word, words as wordList } from '../../lib/search.ts';
import { OUTCOMES } from '../../model/status.ts';
import { GROUPINGS, SORTS, grouped, sorted, valueOf } from '../../model/summary.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { Groups } from './groups.tsx';
import { List } from './list.tsx';
import { Nothing } from './nothing.tsx';
import style from './page.module.css';

const PARAMS = {
  ...SCOPE,
  by: word(GROUPINGS, 'url'),
  pick: text(),
  sort: word(SORTS, 'newest'),
  st: wordList(OUTCOMES),
};

export default function TracesPage() {
  const words = useWords();
  const { values, invalid, change } = useUrl(PARAMS);
  const { t: range, q: filter, by, pick, sort, st } = values;
  const query = useQuery(tracesQuery({ range, filter, isLive: values.live !== '' }));
  const all = query.data?.summaries;
  const ofStatus = useMemo(
    () => (all ?? []).filter((one) => st.length === 0 || st.includes(one.outcome)),
    [all, st],
  );
  const groups = useMemo(() => grouped(ofStatus, by), [ofStatus, by]);
  const shown = useMemo(() => {
    const picked = pick === '' ? ofStatus : ofStatus.filter((one) => valueOf(one, by) === pick);
    return sorted(picked, sort);
  }, [ofStatus, by, pick, sort]);
  const toggle = (outcome: (typeof OUTCOMES)[number]) =>
    change(
      { st: st.includes(outcome) ? st.filter((one) => one !== outcome) : [...st, outcome] },
      'push',
    );

  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data || !all) return <Skeleton rows={14} />;
  if (all.length === 0 && !query.error && !query.isPlaceholderData) {
    return <Nothing range={range} filter={filter} change={change} />;
  }
  return (
    <div className={style['page']} aria-busy={query.isPlaceholderData}>
      <header className={style['head']}>
        <h1>{words('traces.title')}</h1>
        <span className="quiet" data-testid="count">
          {shown.length === all.length
            ? words('traces.all', { total: all.length })
            : words('traces.of', { shown: shown.length, total: all.length })}
        </span>
        {!query.data.isComplete && (
          <span className="badge">{words('traces.more', { count: SUMMARIES_MAX })}</span>
        )}
        {invalid.length > 0 && (
          <span className="badge">{words('state.ignored', { what: invalid.join(', ') })}</span>
        )}
        <div className={style['spring']} />
        <div className="segments" role="group" aria-label={words('traces.status')}>
          {OUTCOMES.map((outcome) => (
            <button
              key={outcome}
              type="button"
              className="button"
              aria-pressed={st.includes(outcome)}
              onClick={() => toggle(outcome)}
            >
              <Glyph outcome={outcome} />
              {words(`status.${outcome}`)}
            </button>
          ))}
        </div>
        <select
          className="input"
          aria-label={words('traces.sort')}
          value={sort}
          onChange={(event) => change({ sort: event.target.value as typeof sort })}
        >
          {SORTS.map((one) => (
            <option key={one} value={one}>
              {words('traces.sorts', { sort: one })}
            </option>
          ))}
        </select>
      </header>
      {query.error && <Failure error={query.error} isStale />}
      <Groups groups={groups} total={ofStatus.length} by={by} pick={pick} change={change} />
      <List summaries={shown} now={query.dataUpdatedAt} />
    </div>
  );
}
