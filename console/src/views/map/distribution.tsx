// How response times are spread, as bars of outcomes on a logarithmic axis; dragging over them chooses.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { spreadQuery } from '../../api/map.ts';
import type { Counts, MapScope, Spread } from '../../api/map.ts';
import { compact, duration, percent } from '../../lib/format.ts';
import { keyed, limited } from '../../model/brush.ts';
import { percentileOf, shareOf } from '../../model/graph.ts';
import { logBins } from '../../model/histogram.ts';
import { OUTCOMES } from '../../model/status.ts';
import type { Outcome } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './panel.module.css';
import { nameOf } from './subject.ts';
import type { Subject } from './subject.ts';

type Span = readonly [number, number] | null;

interface Props {
  subject: Subject;
  scope: MapScope;
  brush: Span;
  outcomes: readonly Outcome[];
  onBrush: (brush: Span) => void;
  onOutcomes: (outcomes: readonly Outcome[]) => void;
}

export function Distribution({ subject, scope, brush, outcomes, onBrush, onOutcomes }: Props) {
  const words = useWords();
  const name = nameOf(subject);
  const query = useQuery({ ...spreadQuery(scope, name), placeholderData: keepPreviousData });
  const spread = query.data && name ? query.data : ofGraph(subject);
  const toggle = (outcome: Outcome) =>
    onOutcomes(
      outcomes.includes(outcome)
        ? outcomes.filter((one) => one !== outcome)
        : [...outcomes, outcome],
    );
  return (
    <>
      <fieldset className={style['outcomes']}>
        <legend className="hidden">{words('map.outcomes')}</legend>
        {OUTCOMES.map((outcome) => (
          <label key={outcome}>
            <input
              type="checkbox"
              checked={outcomes.includes(outcome)}
              onChange={() => toggle(outcome)}
            />
            <Glyph outcome={outcome} />
            <span>{words(`status.${outcome}`)}</span>
            <span className="number">{compact(subject.of.stats[outcome])}</span>
            <span className="number quiet">{percent(shareOf(subject.of.stats, outcome))}</span>
          </label>
        ))}
      </fieldset>
      <h3>{words('map.distribution')}</h3>
      <Bars spread={spread} outcomes={outcomes} brush={brush} onBrush={onBrush} />
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
              onChange={(event) => onBrush(limited(brush, end, event.target.value, 3600) ?? null)}
            />
          </label>
        ))}
        <button
          type="button"
          className="button"
          disabled={brush === null}
          onClick={() => onBrush(null)}
        >
          {words('map.wholeRange')}
        </button>
      </div>
    </>
  );
}

const BINS = 40;

/** Without the server's bars, those of the graph: of all outcomes together. */
function ofGraph({ of }: Subject): Spread {
  const bins = logBins(of.responseTimes, BINS).map(({ from, to, count }) => ({
    from, to, ok: count, error: 0, throttle: 0, fault: 0,
  })); // prettier-ignore
  const at = (share: number) => (percentileOf(of, share) ?? NaN) / 1e3 || null;
  return { bins, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

interface BarsProps {
  spread: Spread;
  outcomes: readonly Outcome[];
  brush: Span;
  onBrush: (brush: Span) => void;
}

function Bars({ spread, outcomes, brush, onBrush }: BarsProps) {
  const words = useWords();
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const { bins } = spread;
  if (bins.length === 0) return <p className="quiet">{words('map.noTimes')}</p>;
  const shown = outcomes.length === 0 ? OUTCOMES : outcomes;
  const countOf = (bin: Counts) => shown.reduce((sum, one) => sum + bin[one], 0);
  const most = Math.max(1, ...bins.map(countOf));
  const indexAt = (event: React.PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * bins.length);
    return Math.min(bins.length - 1, Math.max(0, index));
  };
  const take = ([a, b]: readonly [number, number]) => {
    const [from, to] = [bins[Math.min(a, b)]?.from, bins[Math.max(a, b)]?.to];
    if (from !== undefined && to !== undefined) onBrush([floor(from), ceil(to)]);
    setDrag(null);
  };
  const isChosen = (index: number) => {
    if (drag) return index >= Math.min(...drag) && index <= Math.max(...drag);
    const bin = bins[index];
    return !brush || !bin || (bin.to > brush[0] && bin.from < brush[1]);
  };
  const press = (event: React.KeyboardEvent) => {
    const done = keyed(event, drag, bins.length);
    if (done === undefined || (done === 'clear' && !drag && !brush)) return;
    if (done === 'take') take(drag ?? [0, 0]);
    else setDrag(done === 'clear' ? null : done);
    if (done === 'clear') onBrush(null);
    event.preventDefault();
    event.stopPropagation();
  };
  const pointed = drag && bins[drag[1]];
  return (
    <div className={style['spread']}>
      <div
        ref={box}
        className={style['bars']}
        role="group"
        tabIndex={0}
        aria-label={words('map.brush')}
        title={words('map.brush')}
        onKeyDown={press}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([indexAt(event), indexAt(event)]);
        }}
        onPointerMove={(event) => drag && event.buttons === 1 && setDrag([drag[0], indexAt(event)])}
        onPointerUp={() => drag && take(drag)}
        onDoubleClick={() => onBrush(null)}
      >
        {bins.map((bin, index) => (
          <span key={bin.from} data-chosen={isChosen(index)}>
            {shown.map(
              (one) =>
                bin[one] > 0 && (
                  <i
                    key={one}
                    className={`fill-${one}`}
                    style={{ height: `max(2px, ${(bin[one] / most) * 100}%)` }}
                  />
                ),
            )}
          </span>
        ))}
        <Marks spread={spread} />
      </div>
      <div className={style['scale']}>
        <span>{duration((bins[0]?.from ?? 0) * 1e3)}</span>
        <span aria-live="polite">
          {pointed &&
            `${duration(pointed.from * 1e3)} – ${duration(pointed.to * 1e3)}: ${compact(countOf(pointed))}`}
        </span>
        <span>{duration((bins.at(-1)?.to ?? 0) * 1e3)}</span>
      </div>
    </div>
  );
}

/** Lines where percentiles stand; labels that would lie over each other share one. */
function Marks({ spread }: { spread: Spread }) {
  const [low, high] = [spread.bins[0]?.from ?? 0, spread.bins.at(-1)?.to ?? 0];
  if (!(low > 0) || !(high > low)) return null;
  const placed = (['p50', 'p95', 'p99'] as const).flatMap((name) => {
    const value = spread[name];
    if (value === null || value < low) return [];
    return [{ name, at: (Math.log(value / low) / Math.log(high / low)) * 100 }];
  });
  return (
    <>
      {placed.map(({ name, at }, index) => {
        const isNear = at - (placed[index - 1]?.at ?? -Infinity) < 11;
        return (
          <b
            key={name}
            style={{ left: `${Math.min(100, at)}%` }}
            data-row={isNear ? index : 0}
            data-end={at > 85}
          >
            <span>{name}</span>
          </b>
        );
      })}
    </>
  );
}

const floor = (seconds: number) => Math.floor(seconds * 1e4) / 1e4;
const ceil = (seconds: number) => Math.ceil(seconds * 1e4) / 1e4;
