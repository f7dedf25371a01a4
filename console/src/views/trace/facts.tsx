// Names and values of a work: facts, annotations with what can be done with them, queries.
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { duration } from '../../lib/format.ts';
import type { Search } from '../../lib/search.ts';
import { objectAt, textAt } from '../../model/document.ts';
import type { JsonObject } from '../../model/document.ts';
import { and, ofAnnotation } from '../../model/filter.ts';
import { formatSql } from '../../model/sql.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { scopeOf, useUrl } from '../../state/url.ts';
import { CopyButton } from '../states.tsx';
import style from './details.module.css';
import { PARAMS } from './params.ts';
import { Tree } from './tree.tsx';

export function Facts({ facts }: { facts: readonly (readonly [string, React.ReactNode])[] }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== '' && value !== null);
  return (
    <dl className={style['facts']}>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

type Value = string | number | boolean;

export function Annotations({ annotations }: { annotations: JsonObject }) {
  const plain = Object.entries(annotations).filter(
    (entry): entry is [string, Value] =>
      typeof entry[1] === 'string' || typeof entry[1] === 'number' || typeof entry[1] === 'boolean',
  );
  return (
    <Facts
      facts={plain.map(([key, value]) => [
        key,
        <span className={style['annotation']}>
          <span>{String(value)}</span>
          <Uses name={key} value={value} />
        </span>,
      ])}
    />
  );
}

/** Where an annotation can be taken: into the list's filter, its groups, the sets of analytics. */
function Uses({ name, value }: { name: string; value: Value }) {
  const words = useWords();
  const { search } = useUrl(PARAMS);
  const scope = scopeOf(search);
  const term = ofAnnotation(name, value);
  const before = scope['q'] ?? '';
  const uses: [string, string, Search][] = [
    [words('trace.filterBy'), '/traces', { ...scope, q: and(before, term) }],
    [words('trace.exclude'), '/traces', { ...scope, q: and(before, `!(${term})`) }],
    [words('trace.groupBy'), '/traces', { ...scope, by: `annotation:${name}` }],
    ['A', '/analytics', { ...scope, A: term }],
    ['B', '/analytics', { ...scope, B: term, set: 'B' }],
  ];
  return (
    <span className={style['uses']}>
      {uses.map(([label, to, target]) => (
        <Link
          key={label}
          to={to as never}
          search={target as never}
          data-set={label.length === 1 ? label : undefined}
          aria-label={`${label}: ${term}`}
          title={label.length === 1 ? words(label === 'A' ? 'trace.toA' : 'trace.toB') : term}
        >
          {label}
        </Link>
      ))}
    </span>
  );
}

export function Sql({ trace, work }: { trace: Trace; work: Work }) {
  const words = useWords();
  const sql = objectAt(work.document, 'sql');
  const query = textAt(sql, 'sanitized_query') ?? '';
  const { sanitized_query: _, ...rest } = sql;
  const same = useMemo(
    () =>
      trace.works.filter(
        (one) => query !== '' && textAt(objectAt(one.document, 'sql'), 'sanitized_query') === query,
      ),
    [trace, query],
  );
  const sum = same.reduce((total, one) => total + one.length, 0);
  return (
    <>
      {query !== '' && (
        <>
          <pre className={style['query']}>{formatSql(query)}</pre>
          <p className={style['after']}>
            <CopyButton text={query} label={words('trace.copy')} />
            <span className="quiet">
              {words('trace.sameQuery', { count: same.length, sum: duration(sum) })}
            </span>
          </p>
        </>
      )}
      <Tree value={rest} path="sql" />
    </>
  );
}
