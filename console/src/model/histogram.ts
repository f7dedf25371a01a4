// Histograms as the API has them: values in seconds with counts.
import type { Seconds, UnitShare } from '../lib/units.ts';

export interface Bar {
  value: Seconds;
  count: number;
}

/** Returns the value that this share of all counts does not exceed; `bars` may have any order. */
export function percentile(bars: readonly Bar[], share: UnitShare): Seconds | undefined {
  const sorted = bars.filter((bar) => bar.count > 0).sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, bar) => sum + bar.count, 0);
  // The smallest value with at least that many counts up to it: the nearest-rank definition.
  const rank = Math.max(1, Math.ceil(share * total - 1e-9));
  let seen = 0;
  for (const bar of sorted) {
    seen += bar.count;
    if (seen >= rank) return bar.value;
  }
  return undefined;
}

/** A range of values and how many fell into it; `from` belongs to it, `to` does not. */
export interface Bin {
  from: Seconds;
  to: Seconds;
  count: number;
}

/** Sorts the bars into `count` bins of equal ratio, from the smallest to the largest value. */
export function logBins(bars: readonly Bar[], count: number): Bin[] {
  const positive = bars
    .filter((bar) => bar.count > 0)
    .map((bar) => ({ ...bar, value: Math.max(bar.value, 1e-6) }));
  if (positive.length === 0 || count < 1) return [];
  const low = Math.min(...positive.map((bar) => bar.value));
  const high = Math.max(...positive.map((bar) => bar.value), low * 1.1);
  const ratio = (high / low) ** (1 / count);
  const bins = Array.from({ length: count }, (_, index) => ({
    from: low * ratio ** index,
    to: low * ratio ** (index + 1),
    count: 0,
  }));
  for (const bar of positive) {
    const index = Math.floor(Math.log(bar.value / low) / Math.log(ratio) + 1e-9);
    const bin = bins[Math.min(count - 1, Math.max(0, index))];
    if (bin) bin.count += bar.count;
  }
  return bins;
}
