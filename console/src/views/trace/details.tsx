// What is known of the selected row, in tabs. A tab stays chosen from row to row.
import { Link } from '@tanstack/react-router';
import { dateTime, duration, timeOfDay } from '../../lib/format.ts';
import { selfTime } from '../../model/blame.ts';
import { exceptionsOf, isObject, objectAt, textAt } from '../../model/document.ts';
import type { Exception, Json, JsonObject } from '../../model/document.ts';
import { ofAnnotation } from '../../model/filter.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { scopeOf, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import { CopyButton } from '../states.tsx';
import style from './details.module.css';
import { PARAMS, TABS } from './params.ts';

type Tab = (typeof TABS)[number];

/** Returns how much there is under a tab; nothing for those that always have something. */
function countOf(tab: Tab, { document }: Work): number | undefined {
  if (tab === 'annotations' || tab === 'metadata')
    return Object.keys(objectAt(document, tab)).length;
  if (tab === 'exceptions') return exceptionsOf(document).length;
  if (tab === 'sql') return isObject(document['sql']) ? 1 : 0;
  return undefined;
}

export function Details({ trace, work }: { trace: Trace; work: Work | undefined }) {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  if (!work) {
    return (
      <aside className={`card ${style['details']}`} aria-label={words('trace.details')}>
        <p className={`quiet ${style['hint']}`}>{words('trace.select')}</p>
      </aside>
    );
  }
  const move = (event: React.KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = TABS[(TABS.indexOf(values.tab) + by + TABS.length) % TABS.length] ?? 'overview';
    change({ tab: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <aside
      id="details"
      tabIndex={-1}
      className={`card ${style['details']}`}
      aria-label={words('trace.details')}
    >
      <header>
        <Glyph outcome={work.outcome} named />
        <h2 className="cut" title={work.name}>
          {work.name}
        </h2>
        <span className="quiet cut">{work.operation}</span>
      </header>
      <div role="tablist" className={style['tabs']} onKeyDown={move}>
        {TABS.map((tab) => {
          const count = countOf(tab, work);
          return (
            <button
              key={tab}
              id={`tab-${tab}`}
              type="button"
              role="tab"
              aria-selected={values.tab === tab}
              aria-controls="tab-panel"
              tabIndex={values.tab === tab ? 0 : -1}
              data-empty={count === 0}
              onClick={() => change({ tab })}
            >
              {words(`trace.${tab}`)}
              {count !== undefined && count > 0 && <span className="badge">{count}</span>}
            </button>
          );
        })}
      </div>
      <div
        id="tab-panel"
        role="tabpanel"
        aria-labelledby={`tab-${values.tab}`}
        className={style['panel']}
        tabIndex={0}
      >
        <Panel tab={values.tab} trace={trace} work={work} />
      </div>
    </aside>
  );
}

function Panel({ tab, trace, work }: { tab: Tab; trace: Trace; work: Work }) {
  const words = useWords();
  const { document } = work;
  if (countOf(tab, work) === 0) return <p className="quiet">{words('trace.nothing')}</p>;
  switch (tab) {
    case 'overview':
      return <Overview trace={trace} work={work} />;
    case 'resources':
      return <Resources document={document} />;
    case 'annotations':
      return <Annotations annotations={objectAt(document, 'annotations')} />;
    case 'metadata':
      return <Tree value={objectAt(document, 'metadata')} />;
    case 'exceptions':
      return exceptionsOf(document).map((one) => (
        <ExceptionCard key={one.id} one={one} all={exceptionsOf(document)} />
      ));
    case 'sql':
      return <Sql sql={objectAt(document, 'sql')} />;
  }
}

function Facts({ facts }: { facts: readonly (readonly [string, React.ReactNode])[] }) {
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

function Overview({ trace, work }: { trace: Trace; work: Work }) {
  const words = useWords();
  const clock = useClock();
  const { document } = work;
  const request = objectAt(objectAt(document, 'http'), 'request');
  const at = trace.startedAt + work.start;
  return (
    <>
      {work.isInferred && <p className={style['note']}>{words('trace.inferredText')}</p>}
      <Facts
        facts={[
          [
            words('trace.start'),
            <span
              title={dateTime(at, clock)}
            >{`${timeOfDay(at, clock)} (+${duration(work.start)})`}</span>,
          ],
          [words('trace.end'), `+${duration(work.start + work.length)}`],
          [words('trace.duration'), duration(work.length)],
          [words('trace.self'), duration(selfTime(work))],
          [words('trace.statusCode'), work.status],
          [
            words('trace.request'),
            [textAt(request, 'method'), textAt(request, 'url')].filter(Boolean).join(' '),
          ],
          [words('trace.client'), textAt(request, 'client_ip')],
          [words('trace.agent'), textAt(request, 'user_agent')],
          [words('trace.user'), textAt(document, 'user')],
          [words('trace.origin2'), work.origin],
          [words('trace.namespace'), textAt(document, 'namespace')],
          [words('trace.parent'), work.parent?.name],
          [words('trace.id'), <code>{work.id}</code>],
        ]}
      />
    </>
  );
}

function Resources({ document }: { document: JsonObject }) {
  const words = useWords();
  const shown: JsonObject = {};
  for (const key of ['aws', 'service', 'resource_arn']) {
    const value = document[key];
    if (value !== undefined) shown[key] = value;
  }
  if (Object.keys(shown).length === 0) return <p className="quiet">{words('trace.nothing')}</p>;
  return <Tree value={shown} />;
}

function Annotations({ annotations }: { annotations: JsonObject }) {
  const words = useWords();
  const { search } = useUrl(PARAMS);
  return (
    <Facts
      facts={Object.entries(annotations).map(([key, value]) => [
        key,
        <span className={style['annotation']}>
          {String(value)}
          {(typeof value === 'string' ||
            typeof value === 'number' ||
            typeof value === 'boolean') && (
            <Link
              to={'/traces' as never}
              search={{ ...scopeOf(search), q: ofAnnotation(key, value) } as never}
            >
              {words('trace.filterBy')}
            </Link>
          )}
        </span>,
      ])}
    />
  );
}

/** Names and values; deeper ones open when asked. */
function Tree({ value }: { value: JsonObject | Json[] }) {
  return (
    <ul className={style['tree']}>
      {Object.entries(value).map(([key, one]) => (
        <li key={key}>
          {typeof one === 'object' && one !== null ? (
            <Branch name={key} value={one as JsonObject} />
          ) : (
            <>
              <span className="quiet">{key}</span> {JSON.stringify(one)}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Branch({ name, value }: { name: string; value: JsonObject | Json[] }) {
  return (
    <details open={JSON.stringify(value).length < 400}>
      <summary>
        {name} <span className="badge">{Object.keys(value).length}</span>
      </summary>
      <Tree value={value} />
    </details>
  );
}

function ExceptionCard({ one, all }: { one: Exception; all: readonly Exception[] }) {
  const words = useWords();
  const cause = all.find((other) => other.id === one.cause);
  const stack = one.frames.map(
    (frame) => `    at ${frame.label} (${frame.path}:${frame.line ?? '?'})`,
  );
  return (
    <section className={style['exception']}>
      <header>
        <strong>{one.type}</strong>
        {one.isRemote && <span className="badge">{words('status.remote')}</span>}
        <CopyButton
          text={[`${one.type}: ${one.message}`, ...stack].join('\n')}
          label={words('trace.copy')}
        />
      </header>
      <p>{one.message}</p>
      <ol>
        {one.frames.map((frame, index) => (
          <li key={index} className="mono">
            {frame.label} <span className="quiet">{`${frame.path}:${frame.line ?? '?'}`}</span>
          </li>
        ))}
      </ol>
      {cause && (
        <p className="quiet">
          {words('trace.because')} {cause.type}
        </p>
      )}
    </section>
  );
}

function Sql({ sql }: { sql: JsonObject }) {
  const words = useWords();
  const query = textAt(sql, 'sanitized_query') ?? '';
  const { sanitized_query: _, ...rest } = sql;
  return (
    <>
      {query !== '' && (
        <>
          <pre className={style['query']}>{query}</pre>
          <CopyButton text={query} label={words('trace.copy')} />
        </>
      )}
      <Tree value={rest} />
    </>
  );
}
