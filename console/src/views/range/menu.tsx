// Choosing a time range: usual lengths, a box that reads nearly anything, days, the zone.
import { useEffect, useRef, useState } from 'react';
import { zoneName } from '../../lib/format.ts';
import type { Clock } from '../../lib/format.ts';
import { CHIPS, fixed, formatRange, parseRange, widen, windowOf } from '../../lib/range.ts';
import type { TimeRange, Window } from '../../lib/range.ts';
import { readRange } from '../../lib/typed.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, useUrl } from '../../state/url.ts';
import { ZoneSelect } from '../menus/zone.tsx';
import { Calendar } from './calendar.tsx';
import style from './menu.module.css';

export default function RangeMenu({ close }: { close: () => void }) {
  const words = useWords();
  const { values, change } = useUrl(SCOPE);
  const range = values.t;
  const pick = (t: TimeRange) => {
    close();
    change({ t }, 'push');
  };
  const now = Date.now();
  const { from, to } = windowOf(range, now);
  return (
    <div className={style['menu']}>
      <div className={style['left']}>
        <Typed onPick={pick} />
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
        <div className={style['steps']}>
          <button type="button" className="button" onClick={() => pick(widen(range, now))}>
            {words('top.wider')}
          </button>
          <button
            type="button"
            className="button"
            disabled={range.kind === 'last'}
            onClick={() => pick({ kind: 'last', length: to - from })}
          >
            {words('top.toNow')}
          </button>
          <button
            type="button"
            className="button"
            disabled={range.kind === 'between'}
            onClick={() => pick(fixed(range, now))}
          >
            {words('top.freeze')}
          </button>
        </div>
        <ZoneSelect />
      </div>
      <Calendar range={range} onPick={pick} />
    </div>
  );
}

/** The box, with what it understood below it. */
function Typed({ onPick }: { onPick: (range: TimeRange) => void }) {
  const words = useWords();
  const clock = useClock();
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const read = readRange(typed, Date.now(), clock.zone);
  const isBad = typed.trim() !== '' && read === undefined;
  useEffect(() => box.current?.focus(), []);
  const shown = read && windowOf(read, Date.now());
  return (
    <form
      className={style['typed']}
      onSubmit={(event) => {
        event.preventDefault();
        if (read) onPick(read);
      }}
    >
      <label htmlFor="range-text">{words('top.custom')}</label>
      <div className={style['row']}>
        <input
          ref={box}
          id="range-text"
          className="input"
          value={typed}
          autoComplete="off"
          aria-invalid={isBad}
          aria-describedby="range-hint"
          onChange={(event) => setTyped(event.target.value)}
        />
        <button type="submit" className="button primary" disabled={!read}>
          {words('top.apply')}
        </button>
      </div>
      <p id="range-hint" className="quiet" role="status">
        {isBad && words('top.badRange')}
        {!isBad && !shown && words('top.customHint')}
        {shown && inFull(shown, clock)}
      </p>
    </form>
  );
}

/** Returns both ends, what they have in common once, and the zone. */
function inFull({ from, to }: Window, clock: Clock): string {
  const format = new Intl.DateTimeFormat(clock.language, {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
    timeZone: clock.zone,
  });
  return `${format.formatRange(from, to)} ${zoneName(from, clock)}`;
}
