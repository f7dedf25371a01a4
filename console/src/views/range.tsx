// The time range: what is shown, what may be picked, what may be typed.
import { ChevronLeft, ChevronRight, Clock } from 'lucide-react';
import { useState } from 'react';
import { dateTime, zoneName } from '../lib/format.ts';
import { CHIPS, formatLength, formatRange, parseRange, readRange } from '../lib/range.ts';
import type { TimeRange } from '../lib/range.ts';
import { useClock } from '../state/clock.ts';
import { useWords } from '../state/language.tsx';
import style from './range.module.css';

/** Returns the range in words. */
export function useRangeWords(): (range: TimeRange) => string {
  const words = useWords();
  const clock = useClock();
  return (range) => {
    if (range.kind === 'last') return words('top.last', { length: formatLength(range.length) });
    const short = (at: number) =>
      new Intl.DateTimeFormat(clock.language, {
        month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: clock.zone,
      }).format(at); // prettier-ignore
    return `${short(range.from)} – ${short(range.to)}`;
  };
}

interface Props {
  range: TimeRange;
  onPick: (range: TimeRange) => void;
  onMove: (steps: -1 | 1) => void;
}

export function RangePicker({ range, onPick, onMove }: Props) {
  const words = useWords();
  const clock = useClock();
  const inWords = useRangeWords();
  const [typed, setTyped] = useState('');
  const [isBad, setBad] = useState(false);
  const pick = (next: TimeRange) => {
    document.getElementById('range')?.hidePopover();
    onPick(next);
  };
  const apply = () => {
    const next = readRange(typed, Date.now());
    setBad(next === undefined);
    if (next) pick(next);
  };
  const title =
    range.kind === 'between'
      ? `${dateTime(range.from, clock)} – ${dateTime(range.to, clock)}`
      : undefined;
  return (
    <div className={style['picker']}>
      <button
        type="button"
        className="button plain"
        aria-label={words('top.earlier')}
        title={words('top.earlier')}
        onClick={() => onMove(-1)}
      >
        <ChevronLeft size={16} />
      </button>
      <button
        type="button"
        className={`button ${style['shown']}`}
        popoverTarget="range"
        title={title}
      >
        <Clock size={14} aria-hidden="true" />
        {inWords(range)} <span className="quiet">{zoneName(Date.now(), clock)}</span>
      </button>
      <button
        type="button"
        className="button plain"
        aria-label={words('top.later')}
        title={words('top.later')}
        onClick={() => onMove(1)}
      >
        <ChevronRight size={16} />
      </button>
      <div
        id="range"
        popover="auto"
        className={style['popover']}
        role="dialog"
        aria-label={words('top.time')}
      >
        <div className={style['chips']}>
          {CHIPS.map((chip) => (
            <button
              key={chip}
              type="button"
              className="button"
              aria-pressed={formatRange(range) === chip}
              onClick={() => pick(parseRange(chip) ?? range)}
            >
              {chip}
            </button>
          ))}
        </div>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            apply();
          }}
        >
          <label htmlFor="range-text">{words('top.custom')}</label>
          <div className={style['row']}>
            <input
              id="range-text"
              className="input"
              value={typed}
              aria-invalid={isBad}
              aria-describedby="range-hint"
              onChange={(event) => setTyped(event.target.value)}
            />
            <button type="submit" className="button primary">
              {words('top.apply')}
            </button>
          </div>
          <p id="range-hint" className="quiet" role={isBad ? 'alert' : undefined}>
            {isBad ? words('top.badRange') : words('top.customHint')}
          </p>
        </form>
      </div>
    </div>
  );
}
