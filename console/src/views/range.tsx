// The time range: what is shown, and the way one range back and forth.
import { ChevronLeft, ChevronRight, Clock } from 'lucide-react';
import { dateTime, zoneName } from '../lib/format.ts';
import { formatLength } from '../lib/range.ts';
import type { TimeRange } from '../lib/range.ts';
import { wallOf } from '../lib/zone.ts';
import { useClock } from '../state/clock.ts';
import { useWords } from '../state/language.tsx';
import { Popover } from './popover.tsx';
import type { Load } from './popover.tsx';
import style from './range.module.css';

const loadMenu: Load = () => import('./range/menu.tsx');

/** Returns the range in words. */
export function useRangeWords(): (range: TimeRange) => string {
  const words = useWords();
  const clock = useClock();
  return (range) => {
    if (range.kind === 'last') return words('top.last', { length: formatLength(range.length) });
    const short = (at: number, options: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(clock.language, {
        hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: clock.zone, ...options,
      }).format(at); // prettier-ignore
    const date = { month: 'short', day: 'numeric' } as const;
    const [a, b] = [wallOf(range.from, clock.zone), wallOf(range.to, clock.zone)];
    const isOneDay = a.day === b.day && a.month === b.month && a.year === b.year;
    return `${short(range.from, date)} – ${short(range.to, isOneDay ? {} : date)}`;
  };
}

interface Props {
  range: TimeRange;
  onMove: (steps: -1 | 1) => void;
}

export function RangePicker({ range, onMove }: Props) {
  const words = useWords();
  const clock = useClock();
  const inWords = useRangeWords();
  const title =
    range.kind === 'between'
      ? `${dateTime(range.from, clock)} – ${dateTime(range.to, clock)}`
      : undefined;
  const arrow = (steps: -1 | 1, key: string, Icon: typeof ChevronLeft) => (
    <button
      type="button"
      className="button plain"
      aria-label={words(key)}
      title={words(key)}
      onClick={() => onMove(steps)}
    >
      <Icon size={16} />
    </button>
  );
  return (
    <div className={style['picker']}>
      {arrow(-1, 'top.earlier', ChevronLeft)}
      <button
        type="button"
        className={`button ${style['shown']}`}
        popoverTarget="range"
        title={title}
      >
        <Clock size={14} aria-hidden="true" />
        {inWords(range)} <span className="quiet">{zoneName(Date.now(), clock)}</span>
      </button>
      {arrow(1, 'top.later', ChevronRight)}
      <Popover id="range" label={words('top.time')} className={style['popover']} load={loadMenu} />
    </div>
  );
}
