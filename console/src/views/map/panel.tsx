// What is known of the chosen service or call, and the ways on from there.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Copy, Focus, X } from 'lucide-react';
import { Suspense, lazy, useEffect, useState } from 'react';
import { countQuery } from '../../api/map.ts';
import type { MapScope, OpenInsight } from '../../api/map.ts';
import { ago, compact, duration, perMinute } from '../../lib/format.ts';
import type { Search, Values } from '../../lib/search.ts';
import { isSlower } from '../../model/compare.ts';
import type { Change } from '../../model/compare.ts';
import { and } from '../../model/filter.ts';
import { DIRECTIONS, averageOf, percentileOf } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { typeName } from '../../model/kind.ts';
import { useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { usePreferences } from '../../state/preferences.ts';
import { useShortcuts } from '../../state/shortcuts.ts';
import { scopeOf } from '../../state/url.ts';
import { Skeleton } from '../states.tsx';
import { signed } from './delta.ts';
import { Distribution } from './distribution.tsx';
import style from './panel.module.css';
import { TABS } from './params.ts';
import type { PARAMS, Tab } from './params.ts';
import { filterOf, subjectOf, titleOf } from './subject.ts';
import type { Subject } from './subject.ts';
import { Urls } from './urls.tsx';

const Metrics = lazy(() => import('./metrics.tsx'));

type Chosen = Values<typeof PARAMS>;

interface Props {
  graph: Graph;
  minutes: number;
  scope: MapScope;
  search: Search;
  values: Chosen;
  change: (next: Partial<Chosen>, step?: 'push' | 'replace') => void;
  insights: readonly OpenInsight[];
  difference: Change | undefined;
  onSelect: (key: string) => void;
  onOpen: (key: string) => void;
}

export function Panel(props: Props) {
  const { graph, minutes, scope, search, values, change } = props;
  const words = useWords();
  const subject = subjectOf(graph, values.sel);
  useShortcuts({
    KeyV: () => document.getElementById('view-traces')?.click(),
    KeyY: () => document.getElementById('analyze')?.click(),
  });
  if (!subject) return null;
  const filter = filterOf(subject, { responseTime: values.rt, outcomes: values.st });
  const linkOf = (q: string): Search => ({
    ...scopeOf(search),
    ...(values.g && { g: values.g }),
    q: and(scope.filter, q),
  });
  const own = props.insights.filter(
    (one) => one.isActive && subject.kind === 'node' && isNamed(one, subject),
  );
  const tabs = TABS.filter((tab) =>
    tab === 'insight' ? own.length > 0 : tab !== 'metrics' || hasPeriods(subject),
  );
  const tab = tabs.find((one) => one === values.panel) ?? 'dist';
  return (
    <aside className={`card ${style['panel']}`} aria-label={titleOf(subject)}>
      <Head {...props} subject={subject} />
      <div className={style['tabs']} role="tablist" aria-label={titleOf(subject)} onKeyDown={walkTabs}>
        {tabs.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            id={`tab-${one}`}
            aria-selected={one === tab}
            aria-controls="map-tab"
            tabIndex={one === tab ? 0 : -1}
            onClick={() => change({ panel: one }, 'push')}
          >
            {words(`map.tabs.${one}`)}
          </button>
        ))}
      </div>
      <div id="map-tab" role="tabpanel" aria-labelledby={`tab-${tab}`} className={style['body']}>
        <Body {...props} subject={subject} tab={tab} filter={filter} linkOf={linkOf} own={own} minutes={minutes} />
      </div>
      <footer>
        <div className={style['filter']}>
          <code tabIndex={0}>{filter}</code>
          <CopyIcon text={filter} />
        </div>
        <div className={style['actions']}>
          <ViewTraces scope={scope} filter={filter} search={linkOf(filter)} />
          <Link
            id="analyze"
            to={'/analytics' as never}
            search={{ ...linkOf(''), A: filter } as never}
            className="button"
          >
            {words('map.analyze')}
          </Link>
          <Link
            to={'/config/groups' as never}
            search={{ new: "*", q: filter } as never}
            className="button"
          >
            {words('map.createGroup')}
          </Link>
        </div>
      </footer>
    </aside>
  ); // prettier-ignore
}

const isNamed = (insight: OpenInsight, { of }: Subject) =>
  insight.services.includes(of.key) ||
  ('members' in of && (of.members ?? []).some((one) => insight.services.includes(one.key)));

/** The series are kept for single services and calls; clients measure nothing themselves. */
function hasPeriods(subject: Subject): boolean {
  if (subject.kind === 'edge') return !subject.from.members && !subject.to.members;
  return !subject.of.members && !subject.of.isClient;
}

/** Arrows walk the tabs. */
function walkTabs(event: React.KeyboardEvent): void {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by === undefined) return;
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')];
  const at = tabs.findIndex((one) => one === document.activeElement);
  const next = tabs[(at + by + tabs.length) % tabs.length];
  next?.focus();
  next?.click();
  event.preventDefault();
  event.stopPropagation();
}

function Head({
  subject,
  values,
  change,
  onSelect,
  onOpen,
  minutes,
  difference,
}: Props & { subject: Subject }) {
  const words = useWords();
  const node = subject.kind === 'node' ? subject.of : undefined;
  return (
    <header>
      <div className={style['title']}>
        <h2>{titleOf(subject)}</h2>
        {node && (
          <button
            type="button"
            className="button plain"
            aria-pressed={values.focus === node.key}
            aria-label={words('map.focus')}
            title={words('map.focus')}
            onClick={() => change({ focus: values.focus === node.key ? '' : node.key, at: null }, 'push')}
          >
            <Focus size={16} />
          </button>
        )}
        <button
          type="button"
          className="button plain"
          aria-label={words('map.close')}
          title={words('map.close')}
          onClick={() => onSelect('')}
        >
          <X size={16} />
        </button>
      </div>
      <p className="quiet">
        {node ? (node.isClient ? words('map.client') : node.members ? words('map.members', { count: node.members.length }) : typeName(node.type)) : words('map.edge')}
      </p>
      {node?.isOrigin && <p className={style['origin']}>{words('map.originLong')}</p>}
      {node?.state && node.state !== 'new' && <p className="quiet">{words(node.state === 'gone' ? 'map.kinds.gone' : 'map.silent')}</p>}
      {node?.members && (
        <details className={style['members']}>
          <summary>{words('map.membersList')}</summary>
          <ul>
            {node.members.map((one) => (
              <li key={one.key} className="cut">{one.name}</li>
            ))}
          </ul>
          <button type="button" className="button" onClick={() => onOpen(node.key)}>
            {words('map.open')}
          </button>
        </details>
      )}
      <Numbers of={subject.of} minutes={minutes} difference={difference} />
      {node && <Reach values={values} change={change} />}
    </header>
  ); // prettier-ignore
}

/** Which of those that can be reached are lit. */
function Reach({ values, change }: Pick<Props, 'values' | 'change'>) {
  const words = useWords();
  return (
    <div className={style['reach']}>
      <div
        className="segments"
        role="group"
        aria-label={words('map.highlight')}
        title={words('map.possible')}
      >
        {DIRECTIONS.map((dir) => (
          <button
            key={dir}
            type="button"
            className="button"
            aria-pressed={values.dir === dir}
            onClick={() => change({ dir })}
          >
            {words(`map.dirs.${dir}`)}
          </button>
        ))}
      </div>
      <label>
        <span className="hidden">{words('map.depth')}</span>
        <select
          className="input"
          value={values.depth}
          title={words('map.depth')}
          onChange={(event) => change({ depth: event.target.value as Chosen['depth'] })}
        >
          {(['1', '2', '3', '4', '5', 'all'] as const).map((one) => (
            <option key={one} value={one}>
              {one === 'all' ? words('map.depthAll') : words('map.depthOf', { count: Number(one) })}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Numbers({
  of,
  minutes,
  difference,
}: {
  of: Subject['of'];
  minutes: number;
  difference: Change | undefined;
}) {
  const words = useWords();
  const at = (share: number) => duration(percentileOf(of, share) ?? NaN);
  const shown = [
    [words('map.requests'), compact(of.stats.total)],
    [words('map.rate'), perMinute(of.stats.total / minutes)],
    [words('map.average'), duration(averageOf(of.stats)), difference && isSlower(difference) ? signed(difference.average) : ''],
    ['p50', at(0.5)],
    ['p95', at(0.95)],
    ['p99', at(0.99)],
  ]; // prettier-ignore
  return (
    <dl className={style['numbers']}>
      {shown.map(([name, value, delta]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value} {delta && <small>{delta}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface BodyProps extends Props {
  subject: Subject;
  tab: Tab;
  filter: string;
  linkOf: (filter: string) => Search;
  own: readonly OpenInsight[];
}

function Body({ subject, tab, scope, values, change, filter, linkOf, own }: BodyProps) {
  if (tab === 'metrics') {
    return (
      <Suspense fallback={<Skeleton rows={6} />}>
        <Metrics
          subject={subject}
          scope={scope}
          onRange={(from, to) => change({ t: { kind: 'between', from, to } }, 'push')}
        />
      </Suspense>
    );
  }
  if (tab === 'urls') return <Urls scope={scope} filter={filter} linkOf={linkOf} />;
  if (tab === 'insight') return <Insights own={own} />;
  return (
    <Distribution
      subject={subject}
      scope={scope}
      brush={values.rt}
      outcomes={values.st}
      onBrush={(rt) => change({ rt })}
      onOutcomes={(st) => change({ st })}
    />
  );
}

function Insights({ own }: { own: readonly OpenInsight[] }) {
  const words = useWords();
  const now = useNow();
  const { language } = usePreferences();
  return own.map((one) => (
    <div key={one.id} className={style['insight']}>
      <p>{one.summary}</p>
      <p className="quiet">{words('map.insightSince', { ago: ago(one.start, now, language) })}</p>
      <Link to={'/insights/$id' as never} params={{ id: one.id } as never} className="button">
        {words('map.insightOpen')}
      </Link>
    </div>
  ));
}

function CopyIcon({ text }: { text: string }) {
  const words = useWords();
  const [copied, setCopied] = useState('');
  const isDone = copied === text;
  useEffect(() => {
    if (copied === '') return undefined;
    const timer = setTimeout(() => setCopied(''), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const label = words(isDone ? 'top.copied' : 'map.copyFilter');
  return (
    <button
      type="button"
      className="button plain"
      aria-label={label}
      title={label}
      onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(text))}
    >
      {isDone ? <Check size={14} /> : <Copy size={14} />}
    </button>
  );
}

/** The way to the traces, with how many there are. */
function ViewTraces({
  scope,
  filter,
  search,
}: {
  scope: MapScope;
  filter: string;
  search: Search;
}) {
  const words = useWords();
  const { data, isPlaceholderData } = useQuery(
    countQuery({ ...scope, filter: and(scope.filter, filter) }),
  );
  return (
    <Link
      id="view-traces"
      to={'/traces' as never}
      search={search as never}
      className="button primary"
    >
      {words('map.viewTraces')}
      {data && (
        <span className={style['count']} data-old={isPlaceholderData} data-testid="map-count">
          {data.exact ? '' : '≥ '}
          {data.total.toLocaleString()}
        </span>
      )}
    </Link>
  );
}
