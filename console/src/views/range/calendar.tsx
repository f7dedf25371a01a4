// A month to pick days in: one click for a day, a second for all days up to another.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useRef, useState } from 'react';
import {
  compareDays,
  dayOf,
  firstWeekday,
  plusDays,
  plusMonths,
  startOf,
  weeksOf,
} from '../../lib/month.ts';
import type { Day } from '../../lib/month.ts';
import { windowOf } from '../../lib/range.ts';
import type { TimeRange } from '../../lib/range.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import style from './menu.module.css';

const STEP: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

interface Props {
  range: TimeRange;
  onPick: (range: TimeRange) => void;
}

export function Calendar({ range, onPick }: Props) {
  const words = useWords();
  const { zone, language } = useClock();
  const today = dayOf(Date.now(), zone);
  const shown = windowOf(range, Date.now());
  const [first, last] = [dayOf(shown.from, zone), dayOf(shown.to - 1, zone)];
  const [focused, setFocused] = useState(last);
  const [begun, setBegun] = useState<Day>();
  const grid = useRef<HTMLDivElement>(null);
  const utc = (day: Day) => Date.UTC(day.year, day.month - 1, day.day);
  const said = (day: Day, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).format(utc(day));
  const focus = (day: Day) => {
    setFocused(day);
    requestAnimationFrame(() =>
      grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(),
    );
  };
  const pick = (day: Day) => {
    setFocused(day);
    if (!begun) return setBegun(day);
    const [from, to] = compareDays(begun, day) <= 0 ? [begun, day] : [day, begun];
    onPick({ kind: 'between', from: startOf(from, zone), to: startOf(plusDays(to, 1), zone) });
    return undefined;
  };
  const weeks = weeksOf(focused, firstWeekday(language));
  const isIn = (day: Day) =>
    begun
      ? compareDays(day, begun) === 0
      : compareDays(day, first) >= 0 && compareDays(day, last) <= 0;
  return (
    <section className={style['calendar']} aria-label={words('top.days')}>
      <header>
        <button
          type="button"
          className="button plain"
          aria-label={words('top.monthBefore')}
          onClick={() => setFocused(plusMonths(focused, -1))}
        >
          <ChevronLeft size={16} />
        </button>
        <strong aria-live="polite">{said(focused, { year: 'numeric', month: 'long' })}</strong>
        <button
          type="button"
          className="button plain"
          aria-label={words('top.monthAfter')}
          disabled={compareDays(plusMonths(focused, 1), today) > 0}
          onClick={() => setFocused(plusMonths(focused, 1))}
        >
          <ChevronRight size={16} />
        </button>
      </header>
      <div
        ref={grid}
        role="grid"
        aria-label={said(focused, { year: 'numeric', month: 'long' })}
        onKeyDown={(event) => {
          const step = STEP[event.key];
          if (step === undefined) return;
          event.preventDefault();
          const next = plusDays(focused, step);
          if (compareDays(next, today) <= 0) focus(next);
        }}
      >
        <div role="row">
          {weeks[0]?.map((day) => (
            <span key={day.day} role="columnheader" aria-label={said(day, { weekday: 'long' })}>
              {said(day, { weekday: 'narrow' })}
            </span>
          ))}
        </div>
        {weeks.map((week) => (
          <div key={week[0] && utc(week[0])} role="row">
            {week.map((day) => (
              <div key={utc(day)} role="gridcell" aria-selected={isIn(day)}>
                <button
                  type="button"
                  tabIndex={compareDays(day, focused) === 0 ? 0 : -1}
                  disabled={compareDays(day, today) > 0}
                  aria-label={said(day, { dateStyle: 'long' })}
                  data-other={day.month !== focused.month}
                  data-today={compareDays(day, today) === 0}
                  onClick={() => pick(day)}
                >
                  {day.day}
                </button>
              </div>
            ))}
          </div>
        ))}
      </div>
      <p className="quiet" role="status">
        {words(begun ? 'top.pickEnd' : 'top.pickStart')}
      </p>
    </section>
  );
}
