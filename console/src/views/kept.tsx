// The part of a time axis that is older than what is kept: hatched, and told in words.
import { useQuery } from '@tanstack/react-query';
import { retentionQuery } from '../api/retention.ts';
import type { Window } from '../lib/range.ts';
import type { EpochMs } from '../lib/units.ts';
import { KEPT_DAYS_MIN, daysKept, keptSince, unkeptShare } from '../model/kept.ts';
import { useWords } from '../state/language.tsx';

/** Returns since when anything is kept, when a window that begins at `from` begins before, and that in
 * words. */
export function useUnkept(from: EpochMs | undefined): { since: EpochMs; said: string } | undefined {
  const words = useWords();
  const isOld = from !== undefined && from < Date.now() - KEPT_DAYS_MIN * 864e5;
  // Since the moment of the answer: a line that moves with each drawing would draw it again.
  const { data: keeping, dataUpdatedAt } = useQuery({ ...retentionQuery(), enabled: isOld });
  const since = keeping ? keptSince(keeping, dataUpdatedAt) : null;
  if (!isOld || !keeping || since === null || since <= from) return undefined;
  return { since, said: words('state.unkept', { days: daysKept(keeping) ?? 0 }) };
}

/** Hatches that part; stands in what is as wide as the window. */
export function Unkept({ window }: { window: Window }) {
  const unkept = useUnkept(window.from);
  if (!unkept) return null;
  const share = unkeptShare(window, unkept.since);
  return (
    <span
      className="unkept"
      role="img"
      aria-label={unkept.said}
      title={unkept.said}
      style={{ width: `${share * 100}%` }}
    />
  );
}
