// Values and places of a chart as people read them.
import { compact, dateTime, duration, percent } from '../../lib/format.ts';
import type { Clock } from '../../lib/format.ts';
import type { ChartProps } from '../chart.tsx';

/** Returns a value as people read it. */
export function valueText(unit: ChartProps['unit'], value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (unit === 'duration') return duration(value);
  return unit === 'share' ? percent(value) : compact(value);
}

/** Returns what stands on the axis at a bar or point. */
export function placeOf(
  { x, axis, series }: Pick<ChartProps, 'x' | 'axis' | 'series'>,
  index: number,
  clock: Clock,
): string {
  const [from = 0, to] = [x[index], x[index + 1]];
  if (axis === 'time') return dateTime(from, clock);
  const isEdged = x.length > (series[0]?.values.length ?? 0);
  return isEdged && to !== undefined ? `${duration(from)} – ${duration(to)}` : duration(from);
}
