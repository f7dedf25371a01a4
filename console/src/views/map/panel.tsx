// What is known of the chosen service or call: shares, response times, and the way to its traces.
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useState } from 'react';
import { compact, duration, percent, perMinute } from '../../lib/format.ts';
import type { Search } from '../../lib/search.ts';
import { ofEdge, ofService } from '../../model/filter.ts';
import { averageOf, percentileOf, shareOf } from '../../model/graph.ts';
import type { Edge, Graph, Node } from '../../model/graph.ts';
import { logBins } from '../../model/histogram.ts';
import type { Bin } from '../../model/histogram.ts';
import { OUTCOMES } from '../../model/status.ts';
import type { Outcome } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { SCOPE, scopeOf, useUrl } from '../../state/url.ts';
import { Glyph } from '../glyph.tsx';
import style from './map.module.css';
import { typeName } from './node.tsx';

type Span = readonly [number, number] | null;

interface Props {
  graph: Graph;
  minutes: number;
  selected: string;
  onSelect: (key: string) => void;
  brush: Span;
  outcomes: readonly Outcome[];
  onBrush: (brush: Span) => void;
  onOutcomes: (outcomes: readonly Outcome[]) => void;
}

export function Panel({
  graph,
  minutes,
  selected,
  onSelect,
  brush,
  outcomes,
  onBrush,
  onOutcomes,
}: Props) {
  const words = useWords();
  const { search } = useUrl(SCOPE);
  const node = graph.nodes.find((one) => one.key === selected);
  const edge = graph.edges.find((one) => one.key === selected);
  const subject = node ?? edge;
  const filter = subject ? filterOf(graph, subject, brush, outcomes) : '';
  useShortcuts({ KeyV: () => document.getElementById('view-traces')?.click() });
  if (!subject) return null;
  const target: Search = { ...scopeOf(search), q: filter };
  const toggle = (outcome: Outcome) =>
    onOutcomes(
      outcomes.includes(outcome)
        ? outcomes.filter((one) => one !== outcome)
        : [...outcomes, outcome],
    );
  return (
    <aside className={`card ${style['panel']}`} aria-label={titleOf(graph, subject)}>
      <header>
        <h2>{titleOf(graph, subject)}</h2>
        <button
          type="button"
          className="button plain"
          aria-label={words('map.close')}
          onClick={() => onSelect('')}
        >
          <X size={16} />
        </button>
      </header>
      <p className="quiet">
        {node ? (node.isClient ? words('map.client') : typeName(node.type)) : words('map.edge')}
      </p>
      {node?.isOrigin && <p className={style['origin']}>{words('map.origin')}</p>}
      <Numbers of={subject} minutes={minutes} />
      <h3>{words('map.outcomes')}</h3>
      <div className={style['outcomes']}>
        {OUTCOMES.map((outcome) => (
          <label key={outcome}>
            <input
              type="checkbox"
              checked={outcomes.includes(outcome)}
              onChange={() => toggle(outcome)}
            />
            <Glyph outcome={outcome} />
            <span>{words(`status.${outcome}`)}</span>
            <span className="number">{compact(subject.stats[outcome])}</span>
            <span className="number quiet">{percent(shareOf(subject.stats, outcome))}</span>
          </label>
        ))}
      </div>
      <h3>{words('map.distribution')}</h3>
      <Distribution of={subject} brush={brush} onBrush={onBrush} />
      <code className={style['filter']}>{filter}</code>
      <Link
        id="view-traces"
        to={'/traces' as never}
        search={target as never}
        className="button primary"
      >
        {words('map.viewTraces')}
      </Link>
    </aside>
  );
}

function titleOf(graph: Graph, subject: Node | Edge): string {
  if ('name' in subject) return subject.name;
  const nameOf = (key: string) => graph.nodes.find((one) => one.key === key)?.name ?? key;
  return `${nameOf(subject.from)} → ${nameOf(subject.to)}`;
}

function filterOf(
  graph: Graph,
  subject: Node | Edge,
  brush: Span,
  outcomes: readonly Outcome[],
): string {
  const selection = { responseTime: brush, outcomes };
  if ('name' in subject) return ofService(subject, selection);
  const [from, to] = [subject.from, subject.to].map((key) =>
    graph.nodes.find((one) => one.key === key),
  );
  return from && to ? ofEdge(from, to, selection) : '';
}

function Numbers({ of, minutes }: { of: Node | Edge; minutes: number }) {
  const words = useWords();
  const at = (share: number) => duration(percentileOf(of, share) ?? NaN);
  const shown = [
    [words('map.requests'), compact(of.stats.total)],
    [words('map.rate'), perMinute(of.stats.total / minutes)],
    [words('map.average'), duration(averageOf(of.stats))],
    ['p50', at(0.5)],
    ['p95', at(0.95)],
    ['p99', at(0.99)],
  ];
  return (
    <dl className={style['numbers']}>
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const BINS = 36;

/** Bars of response times on a logarithmic axis; dragging over them chooses. */
function Distribution({
  of,
  brush,
  onBrush,
}: {
  of: Node | Edge;
  brush: Span;
  onBrush: (brush: Span) => void;
}) {
  const words = useWords();
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const bins = logBins(of.responseTimes, BINS);
  const most = Math.max(1, ...bins.map((bin) => bin.count));
  const indexAt = (event: React.PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(
      bins.length - 1,
      Math.max(0, Math.floor(((event.clientX - left) / width) * bins.length)),
    );
  };
  const commit = () => {
    if (!drag) return;
    const [low, high] = [Math.min(...drag), Math.max(...drag)];
    const [from, to] = [bins[low]?.from, bins[high]?.to];
    if (from !== undefined && to !== undefined) onBrush([floor(from), ceil(to)]);
    setDrag(null);
  };
  const isChosen = (bin: Bin, index: number) =>
    drag
      ? index >= Math.min(...drag) && index <= Math.max(...drag)
      : !brush || (bin.to > brush[0] && bin.from < brush[1]);
  return (
    <>
      <div
        className={style['bars']}
        role="img"
        aria-label={words('map.brush')}
        title={words('map.brush')}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([indexAt(event), indexAt(event)]);
        }}
        onPointerMove={(event) => drag && setDrag([drag[0], indexAt(event)])}
        onPointerUp={commit}
        onDoubleClick={() => onBrush(null)}
      >
        {bins.map((bin, index) => (
          <span
            key={bin.from}
            data-chosen={isChosen(bin, index)}
            style={{ height: bin.count === 0 ? 0 : `max(2px, ${(bin.count / most) * 100}%)` }}
          />
        ))}
      </div>
      <div className={style['scale']}>
        <span>{duration((bins[0]?.from ?? 0) * 1e3)}</span>
        <span>{duration((bins.at(-1)?.to ?? 0) * 1e3)}</span>
      </div>
      <div className={style['limits']}>
        {([0, 1] as const).map((end) => (
          <label key={end}>
            {words(end === 0 ? 'map.from' : 'map.to')}
            <input
              className="input"
              type="number"
              min="0"
              step="any"
              value={brush?.[end] ?? ''}
              onChange={(event) => onBrush(limited(brush, end, event.target.value))}
            />
          </label>
        ))}
      </div>
    </>
  );
}

/** Returns the span with one end as typed; none when the ends are not in order. */
function limited(brush: Span, end: 0 | 1, typed: string): Span {
  const value = Number(typed);
  if (typed === '' || !(value >= 0)) return null;
  const next: Span = end === 0 ? [value, brush?.[1] ?? 3600] : [brush?.[0] ?? 0, value];
  return next[0] < next[1] ? next : null;
}

const floor = (seconds: number) => Math.floor(seconds * 1e4) / 1e4;
const ceil = (seconds: number) => Math.ceil(seconds * 1e4) / 1e4;
