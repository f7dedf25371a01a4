// One insight: what happened, where it came from, whom it reached.
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ChartNoAxesCombined, ChevronRight } from 'lucide-react';
import { eventsQuery, insightQuery } from '../../api/insights.ts';
import { ago, compact, dateTime, duration, percent } from '../../lib/format.ts';
import { formatRange } from '../../lib/range.ts';
import type { Search } from '../../lib/search.ts';
import { text } from '../../lib/search.ts';
import type { EpochMs } from '../../lib/units.ts';
import { ofService } from '../../model/filter.ts';
import { around, faultShare, lengthOf } from '../../model/insight.ts';
import type { Blamed, Insight } from '../../model/insight.ts';
import { DEFAULT_GROUP } from '../../model/group.ts';
import { useClock, useNow } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, scopeOf, useUrl } from '../../state/url.ts';
import { InsightState } from '../insights/table.tsx';
import { typeName } from '../../model/kind.ts';
import { Empty, Failure, Skeleton } from '../states.tsx';
import { ExpectedChart } from './expected.tsx';
import { ImpactBars } from './impact.tsx';
import { Replay } from './replay.tsx';
import style from './page.module.css';

const PARAMS = { ...SCOPE, svc: text(), at: text(), show: text() };

export default function InsightPage() {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery(insightQuery(id));
  if (query.error && !query.data) {
    return /not found/i.test(query.error.message) ? <Gone /> : <Failure error={query.error} />;
  }
  if (!query.data) return <Skeleton rows={12} />;
  return <Told insight={query.data} />;
}

function Gone() {
  const words = useWords();
  return (
    <Empty
      title={words('insights.goneTitle')}
      actions={
        <Link className="button" to={'/insights' as never} search={{} as never}>
          {words('insights.title')}
        </Link>
      }
    >
      <p>{words('insights.goneText')}</p>
    </Empty>
  );
}

function Told({ insight }: { insight: Insight }) {
  const words = useWords();
  const now = useNow(30_000);
  const { values, change } = useUrl(PARAMS);
  const events = useQuery(eventsQuery(insight));
  const service = insight.anomalous.find((one) => one.key === values.svc) ?? insight.root;
  const window = around(insight, now);
  return (
    <div className={style['page']}>
      <Head insight={insight} now={now} />
      <Facts insight={insight} now={now} />
      <div className={style['columns']}>
        <div className={style['main']}>
          <Services
            insight={insight}
            chosen={service?.key ?? ''}
            onChoose={(key) => change({ svc: key === insight.root?.key ? '' : key })}
          />
          {service && (
            <ExpectedChart insight={insight} service={service} window={window} now={now} />
          )}
        </div>
        <section className={`card ${style['side']}`}>
          <h2>{words('insights.whom')}</h2>
          <ImpactBars title={words('insights.clients')} impact={insight.clients} />
          <ImpactBars
            title={words('insights.toRoot', {
              service: insight.root?.name ?? words('insights.unknown'),
            })}
            impact={insight.rootImpact}
          />
        </section>
      </div>
      {events.error && !events.data ? (
        <Failure error={events.error} />
      ) : (
        <Replay
          insight={insight}
          events={events.data ?? []}
          window={window}
          at={Number(values.at) * 1e3 || undefined}
          isAll={values.show === 'all'}
          change={change}
        />
      )}
    </div>
  );
}

function Head({ insight, now }: { insight: Insight; now: EpochMs }) {
  const words = useWords();
  const { search } = useUrl(SCOPE);
  const { traces, analysis } = targetsOf(insight, now);
  return (
    <header className={style['head']}>
      <nav aria-label={words('insights.path')}>
        <Link to={'/insights' as never} search={scopeOf(search) as never}>
          {words('insights.title')}
        </Link>
        <ChevronRight size={14} aria-hidden="true" />
        <span className="quiet">{insight.group}</span>
      </nav>
      <div className={style['title']}>
        <h1>
          {words('insights.headline', {
            service: insight.root?.name ?? words('insights.unknown'),
            state: insight.isActive ? 'active' : 'closed',
          })}
        </h1>
        <InsightState isActive={insight.isActive} />
        <span className={style['spring']} />
        <Link className="button" to={'/traces' as never} search={traces as never}>
          {words('insights.faulty')}
        </Link>
        <Link className="button primary" to={'/analytics' as never} search={analysis as never}>
          <ChartNoAxesCombined size={15} aria-hidden="true" />
          {words('insights.analyze')}
        </Link>
      </div>
    </header>
  );
}

/** Returns where its traces are: those that failed, and during (A) against before (B). */
function targetsOf(insight: Insight, now: EpochMs): { traces: Search; analysis: Search } {
  const to = insight.to ?? now;
  const length = Math.max(6e4, to - insight.from);
  const g: Search = insight.group === DEFAULT_GROUP ? {} : { g: insight.group };
  const during = formatRange({ kind: 'between', from: insight.from, to });
  const before = formatRange({ kind: 'between', from: insight.from - length, to: insight.from });
  const both = formatRange({ kind: 'between', from: insight.from - length, to });
  const q = insight.root ? ofService(insight.root, { outcomes: ['fault'] }) : 'fault';
  return {
    traces: { t: during, ...g, q },
    analysis: { t: both, ...g, win: during, winB: before },
  };
}

function Facts({ insight, now }: { insight: Insight; now: EpochMs }) {
  const words = useWords();
  const clock = useClock();
  const { clients, rootImpact } = insight;
  const of = (impact: typeof clients) =>
    words('insights.ofRequests', { faults: compact(impact.fault), total: compact(impact.total) });
  const shown = [
    ['clientsHit', percent(faultShare(clients)), of(clients)],
    ['rootHit', percent(faultShare(rootImpact)), of(rootImpact)],
    [
      insight.isActive ? 'lastsFor' : 'lasted',
      duration(lengthOf(insight, now)),
      insight.to === undefined ? words('insights.goesOn') : dateTime(insight.to, clock),
    ],
    ['began', ago(insight.from, now, clock.language), dateTime(insight.from, clock)],
  ] as const;
  return (
    <dl className={style['facts']}>
      {shown.map(([name, value, note]) => (
        <div key={name} className="card">
          <dt>{words(`insights.${name}`)}</dt>
          <dd>
            <b>{value}</b>
            <span className="quiet">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface ServicesProps {
  insight: Insight;
  chosen: string;
  onChoose: (key: string) => void;
}

/** The services that faulted beyond expectation; the root cause is marked. */
function Services({ insight, chosen, onChoose }: ServicesProps) {
  const words = useWords();
  const all: Blamed[] = [
    ...(insight.root ? [insight.root] : []),
    ...insight.anomalous.filter((one) => one.key !== insight.root?.key),
  ];
  return (
    <div className={style['services']} role="group" aria-label={words('insights.anomalous')}>
      {all.map((one) => (
        <button
          key={one.key}
          type="button"
          className="button"
          aria-pressed={one.key === chosen}
          onClick={() => onChoose(one.key)}
        >
          <b>{one.name}</b> <span className="quiet">{typeName(one.type)}</span>
          {one.key === insight.root?.key && (
            <span className="badge">{words('insights.rootCause')}</span>
          )}
        </button>
      ))}
    </div>
  );
}
