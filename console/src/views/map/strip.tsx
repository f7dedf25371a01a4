// Requests and faults over time, below the map; dragging over them chooses the time range.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { stripQuery } from '../../api/map.ts';
import type { MapScope, OpenInsight, Strip as Steps } from '../../api/map.ts';
import { compact } from '../../lib/format.ts';
import type { Window } from '../../lib/range.ts';
import { timeLabels } from '../../lib/ticks.ts';
import type { EpochMs } from '../../lib/units.ts';
import { OUTCOMES } from '../../model/status.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { Unkept } from '../kept.tsx';
import style from './strip.module.css';

interface Props {
  scope: MapScope;
  insights: readonly OpenInsight[];
  onRange: (from: EpochMs, to: EpochMs) => void;
}

export function Strip({ scope, insights, onRange }: Props) {
  const words = useWords();
  const query = useQuery(stripQuery(scope));
  const [drag, setDrag] = useState<readonly [number, number]>();
  const data = query.data;
  const shareAt = (event: React.PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const take = () => {
    setDrag(undefined);
    if (!drag || !data || Math.abs(drag[0] - drag[1]) < 0.005) return;
    const at = (share: number) => data.from + share * (data.to - data.from);
    onRange(at(Math.min(...drag)), Math.max(at(Math.max(...drag)), at(Math.min(...drag)) + 1e3));
  };
  const press = (event: React.KeyboardEvent) => {
    const by = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    const [from, at] = drag ?? [0, 0];
    const next = Math.min(1, Math.max(0, at + (by ?? 0)));
    if (by !== undefined) setDrag([event.shiftKey && drag ? from : next, next]);
    else if (event.key === 'Enter' && drag) take();
    else if (event.key === 'Escape' && drag) setDrag(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className={`card ${style['strip']}`} aria-label={words('map.strip')}>
      <Sums steps={data} />
      <div className={style['chart']}>
        <div
          className={style['plot']}
          role="group"
          tabIndex={0}
          aria-label={words('map.stripKeys')}
          title={words('map.stripKeys')}
          onKeyDown={press}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            setDrag([shareAt(event), shareAt(event)]);
          }}
          onPointerMove={(event) =>
            drag && event.buttons === 1 && setDrag([drag[0], shareAt(event)])
          }
          onPointerUp={take}
        >
          {data && <Unkept window={data} />}
          {data && <Bars data={data} />}
          {data && <Spans data={data} insights={insights} label={words('map.insight')} />}
          {drag && (
            <div
              className={style['brush']}
              style={{
                left: `${Math.min(...drag) * 100}%`,
                width: `${Math.abs(drag[0] - drag[1]) * 100}%`,
              }}
            />
          )}
        </div>
        <div className={style['ticks']} aria-hidden="true">
          {data && <Ticks window={data} />}
        </div>
      </div>
    </section>
  );
}

/** The ends and the quarters, as times or as days. */
function Ticks({ window: { from, to } }: { window: Window }) {
  const clock = useClock();
  const quarter = (to - from) / 4;
  const ticks = [0, 1, 2, 3, 4].map((index) => from + index * quarter);
  return timeLabels(ticks, quarter, clock).map((label, index) => (
    <span key={ticks[index]}>{label}</span>
  ));
}

const HEIGHT = 40;

/** Bars as one path for each outcome. */
function Bars({ data }: { data: Steps & Window }) {
  const length = data.to - data.from;
  const most = Math.max(
    1,
    ...data.steps.map((step) => OUTCOMES.reduce((sum, one) => sum + step[one], 0)),
  );
  const paths = { ok: '', error: '', throttle: '', fault: '' };
  for (const step of data.steps) {
    const x = ((step.at - data.from) / length) * 1000;
    const wide = Math.max(0.6, (data.width / length) * 1000 - 0.8);
    let base = HEIGHT;
    // What went wrong stands at the bottom, where it is seen.
    for (const outcome of [...OUTCOMES].reverse()) {
      if (step[outcome] === 0) continue;
      const tall = Math.max(outcome === 'ok' ? 0.6 : 1.8, (step[outcome] / most) * (HEIGHT - 2));
      paths[outcome] +=
        `M${x.toFixed(1)} ${base.toFixed(1)}v${-tall.toFixed(1)}h${wide.toFixed(1)}v${tall.toFixed(1)}z`;
      base -= tall;
    }
  }
  return (
    <svg viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {OUTCOMES.map((outcome) => (
        <path key={outcome} d={paths[outcome]} data-outcome={outcome} />
      ))}
    </svg>
  );
}

function Spans({
  data,
  insights,
  label,
}: {
  data: Window;
  insights: readonly OpenInsight[];
  label: string;
}) {
  const share = (at: EpochMs) => Math.min(1, Math.max(0, (at - data.from) / (data.to - data.from)));
  return insights.map((one) => {
    const [from, to] = [share(one.start), share(one.end ?? data.to)];
    if (to <= from) return null;
    return (
      <div
        key={one.id}
        className={style['insight']}
        title={`${label}: ${one.summary}`}
        style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
      />
    );
  });
}

/** What the bars add up to. */
function Sums({ steps }: { steps: Steps | undefined }) {
  const words = useWords();
  const sum = (outcomes: readonly (typeof OUTCOMES)[number][]) =>
    steps?.steps.reduce((all, step) => all + outcomes.reduce((own, one) => own + step[one], 0), 0);
  const [total, faults] = [sum(OUTCOMES), sum(['fault'])];
  return (
    <dl className={style['sums']}>
      <div>
        <dt>{words('map.traces')}</dt>
        <dd>{total === undefined ? '–' : compact(total)}</dd>
      </div>
      <div>
        <dt>{words('map.faults')}</dt>
        <dd>{faults === undefined ? '–' : compact(faults)}</dd>
      </div>
    </dl>
  );
}
