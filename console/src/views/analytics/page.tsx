// Analytics: how two sets of traces differ, in time, in number and in what they have in common.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { analysisProgressQuery, analysisQuery } from '../../api/analytics.ts';
import type { Answer, Question } from '../../api/analytics.ts';
import { annotationKeysQuery } from '../../api/fields.ts';
import { compact } from '../../lib/format.ts';
import { DEFAULT_TABLES, isChosen } from '../../model/analytics.ts';
import type { Totals } from '../../model/analytics.ts';
import { and } from '../../model/filter.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { Failure } from '../states.tsx';
import { Nothing } from '../traces/nothing.tsx';
import style from './analytics.module.css';
import { Activity, Distribution } from './charts.tsx';
import { Differences } from './differences.tsx';
import { Heat } from './heat.tsx';
import { PARAMS, changeOf, setOf } from './params.ts';
import type { Change, SetName, Shown } from './params.ts';
import { Sets } from './sets.tsx';
import { Tables } from './tables.tsx';
import { SetTraces } from './traces.tsx';

/** Annotations whose tables are shown without being asked for. */
const ANNOTATIONS_SHOWN = 5;

export default function AnalyticsPage() {
  const { values, change } = useUrl(PARAMS);
  const question = useQuestion(values);
  const options = analysisQuery(question ?? EMPTY);
  const query = useQuery({ ...options, enabled: question !== undefined });
  const answer = query.data;
  if (query.error && !answer) return <Failure error={query.error} />;
  if (!answer?.sets) {
    const isStopped = question !== undefined && query.fetchStatus === 'idle';
    return <Waiting queryKey={options.queryKey} onRetry={isStopped ? query.refetch : undefined} />;
  }
  if (!question) return null;
  if (answer.sets.retrieved.traces === 0 && answer.end && !query.isPlaceholderData)
    return <Nothing range={values.t} filter={values.q} group={values.g} change={change} />;
  return (
    <div className={style['page']}>
      <Head answer={answer} isBusy={query.isFetching} options={options} />
      {query.error && <Failure error={query.error} isStale />}
      <Shelf
        values={values}
        change={change}
        answer={answer}
        question={question}
        isOld={query.isPlaceholderData}
      />
    </div>
  );
}

const EMPTY: Question = {
  range: PARAMS.t.fallback,
  filter: '',
  group: '',
  a: { text: '', span: null, window: null },
  b: { text: '', span: null, window: null },
  tables: [],
};

/** Returns what to ask, once it is known which annotations there are. */
function useQuestion(values: Shown): Question | undefined {
  const annotations = useQuery({
    ...annotationKeysQuery(values.t),
    enabled: values.tables.length === 0,
  });
  const keys = annotations.data;
  return useMemo(() => {
    if (values.tables.length === 0 && !keys && !annotations.isError) return undefined;
    const own = (keys ?? []).slice(0, ANNOTATIONS_SHOWN).map((key) => `annotation:${key}`);
    return {
      range: values.t,
      filter: values.q,
      group: values.g,
      a: setOf(values, 'A'),
      b: setOf(values, 'B'),
      tables: values.tables.length > 0 ? values.tables : [...DEFAULT_TABLES, ...own],
    };
  }, [values, keys, annotations.isError]);
}

/** What stands there before the first numbers: the shape of the page, and how far the server is. */
function Waiting({
  queryKey,
  onRetry,
}: {
  queryKey: readonly unknown[];
  onRetry: (() => unknown) | undefined;
}) {
  const words = useWords();
  return (
    <div className={style['page']}>
      <header className={style['head']}>
        <h1>{words('analytics.title')}</h1>
        <span className={style['spring']} />
        {onRetry ? (
          <button type="button" className="button primary" onClick={() => onRetry()}>
            {words('state.retry')}
          </button>
        ) : (
          <Progress queryKey={queryKey} />
        )}
      </header>
      <div className={style['shelf']} role="status" aria-label={words('state.loading')}>
        <div className={style['sets']}>
          <div className={`card ${style['set']}`} data-set="A" />
          <span className={style['gap']} />
          <div className={`card ${style['set']}`} data-set="B" />
        </div>
        <div className={style['pair']}>
          {Array.from({ length: 4 }, (_, index) => (
            <div key={index} className={`card ${style['ghost']}`} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface HeadProps {
  answer: Answer;
  isBusy: boolean;
  options: { queryKey: readonly unknown[] };
}

function Head({ answer, isBusy, options }: HeadProps) {
  const words = useWords();
  const isPartial = !answer.end && !isBusy;
  return (
    <header className={style['head']}>
      <h1>{words('analytics.title')}</h1>
      <span className="quiet" data-testid="retrieved">
        {words('analytics.retrieved', { count: answer.sets?.retrieved.traces ?? 0 })}
      </span>
      {isPartial && <span className="badge">{words('analytics.partial')}</span>}
      {answer.end && !answer.end.exact && (
        <span className="badge" title={words('analytics.sampledText')}>
          {words('analytics.sampled', { count: compact(answer.end.scanned) })}
        </span>
      )}
      {answer.end?.exact && (
        <span className="badge" title={words('analytics.exactText')}>
          {words('analytics.exact')}
        </span>
      )}
      <span className={style['spring']} />
      {isBusy && <Progress queryKey={options.queryKey} />}
    </header>
  );
}

/** How far the server is, and the way to leave it at that. */
function Progress({ queryKey }: { queryKey: readonly unknown[] }) {
  const words = useWords();
  const client = useQueryClient();
  const { data } = useQuery(analysisProgressQuery());
  const { done = 0, of = null } = data ?? {};
  return (
    <div className={style['progress']}>
      <span className="quiet">
        {done > 0 &&
          (of === null
            ? words('analytics.lookedAt', { done: compact(done) })
            : words('analytics.scanned', { done: compact(done), of: compact(of) }))}
      </span>
      <progress
        {...(of !== null && { max: Math.max(of, 1), value: done })}
        aria-label={words('analytics.progress')}
      />
      <button
        type="button"
        className="button"
        onClick={() => void client.cancelQueries({ queryKey }, { revert: false })}
      >
        {words('analytics.stop')}
      </button>
    </div>
  );
}

interface ShelfProps {
  values: Shown;
  change: Change;
  answer: Answer;
  question: Question;
  isOld: boolean;
}

function Shelf({ values, change, answer, question, isOld }: ShelfProps) {
  const { a, b } = question;
  const into = values.set;
  const add = (filter: string, name: SetName = into) =>
    change(changeOf(name, { text: and(setOf(values, name).text, filter) }), 'push');
  const { sets } = answer;
  const totals = useMemo<Totals>(
    () => ({
      all: sets?.retrieved.traces ?? 0,
      a: sets?.a.traces ?? 0,
      b: sets?.b?.traces ?? null,
    }),
    [sets],
  );
  const chosen = { a: isChosen(a), b: isChosen(b) };
  const common = { answer, totals, chosen, values, change };
  return (
    <div className={style['shelf']} aria-busy={isOld} data-old={isOld}>
      <Sets {...common} />
      <div className={style['pair']}>
        <Distribution {...common} />
        <Activity {...common} />
        <Heat {...common} />
        <Differences {...common} onPick={add} />
      </div>
      <Tables {...common} question={question} onPick={add} />
      <SetTraces
        values={values}
        change={change}
        window={answer.window}
        group={question.group}
        filter={question.filter}
        chosen={chosen}
      />
    </div>
  );
}

/** What every part of the page is given. */
export interface Common {
  answer: Answer;
  totals: Totals;
  /** Whether there are such sets. */
  chosen: { a: boolean; b: boolean };
  values: Shown;
  change: Change;
}
