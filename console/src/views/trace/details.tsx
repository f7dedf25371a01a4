// What is known of the selected row, in tabs. A tab stays chosen from row to row.
import { Link } from '@tanstack/react-router';
import { dateTime, duration, timeOfDay } from '../../lib/format.ts';
import { selfTime } from '../../model/blame.ts';
import { findTraceId } from '../../lib/traceid.ts';
import { exceptionsOf, isObject, objectAt, objectsAt, textAt } from '../../model/document.ts';
import type { JsonObject } from '../../model/document.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import style from './details.module.css';
import { Exceptions } from './exceptions.tsx';
import { Annotations, Facts, Sql } from './facts.tsx';
import { PARAMS, TABS } from './params.ts';
import { SearchedTree, Tree } from './tree.tsx';

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
      return <SearchedTree value={objectAt(document, 'metadata')} />;
    case 'exceptions':
      return <Exceptions trace={trace} work={work} />;
    case 'sql':
      return <Sql trace={trace} work={work} />;
  }
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
      <Linked document={document} />
    </>
  );
}

/** The traces that led to this work, such as those whose messages it read. */
function Linked({ document }: { document: JsonObject }) {
  const words = useWords();
  const links = objectsAt(document, 'links').flatMap((link) => {
    const id = findTraceId(textAt(link, 'trace_id') ?? '');
    return id === undefined ? [] : [{ id, segment: textAt(link, 'id') ?? '' }];
  });
  if (links.length === 0) return null;
  return (
    <section className={style['linked']}>
      <h3>{words('trace.linked')}</h3>
      <ul>
        {links.map(({ id, segment }) => (
          <li key={`${id} ${segment}`}>
            <Link
              to={'/traces/$id' as never}
              params={{ id } as never}
              search={(segment === '' ? {} : { seg: segment }) as never}
              className="mono"
            >
              {id}
            </Link>
          </li>
        ))}
      </ul>
    </section>
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
  return <Tree value={shown} path="" />;
}
