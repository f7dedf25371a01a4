// Words on a call: the share of faults, or its numbers where one asks for them.
import { memo } from 'react';
import type { Chip } from '../../draw/map.ts';
import { isFaulty } from '../../draw/map.ts';
import { duration, percent, perMinute } from '../../lib/format.ts';
import { isSlower } from '../../model/compare.ts';
import type { Change } from '../../model/compare.ts';
import { averageOf, shareOf } from '../../model/graph.ts';
import { Glyph } from '../glyph.tsx';
import { signed } from './delta.ts';
import style from './map.module.css';

interface Props {
  chip: Chip;
  minutes: number;
  /** How much it says: of those of the chosen service the time, of the chosen call all. */
  says: 'faults' | 'time' | 'all';
  isDimmed: boolean;
  change: Change | undefined;
}

export const EdgeChip = memo(function EdgeChip({ chip, minutes, says, isDimmed, change }: Props) {
  const { edge, at, isPassedOn } = chip;
  const isBad = isFaulty(edge);
  return (
    <span
      aria-hidden="true"
      className={style['chip']}
      data-bad={isBad}
      data-dimmed={isDimmed && says === 'faults'}
      data-says={says}
      style={{ left: at.x, top: at.y }}
    >
      {isPassedOn && <Chevrons />}
      {isBad && (
        <>
          <Glyph outcome="fault" /> {percent(shareOf(edge.stats, 'fault'))}
        </>
      )}
      {says !== 'faults' && !(isBad && says === 'time') && edge.stats.total > 0 && (
        <span>
          {duration(averageOf(edge.stats))}
          {says === 'all' && ` · ${perMinute(edge.stats.total / minutes)}`}
        </span>
      )}
      {says === 'all' && change && isSlower(change) && <span>{signed(change.average)}</span>}
    </span>
  );
});

/** Faults come from the right and go on to the left. */
function Chevrons() {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
      <path
        d="M5 1 1 5l4 4M9 1 5 5l4 4"
        fill="none"
        stroke="var(--fault)"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
