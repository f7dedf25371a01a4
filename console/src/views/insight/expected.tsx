// The faults of a service, minute by minute, against those that were to be expected.
import { useQuery } from '@tanstack/react-query';
import { expectedQuery } from '../../api/insights.ts';
import type { Window } from '../../lib/range.ts';
import type { EpochMs } from '../../lib/units.ts';
import type { Blamed, Expected, Insight } from '../../model/insight.ts';
import { useWords } from '../../state/language.tsx';
import { Chart } from '../chart.tsx';
import { Failure, Skeleton } from '../states.tsx';

interface Props {
  insight: Insight;
  service: Blamed;
  window: Window;
  now: EpochMs;
}

export function ExpectedChart({ insight, service, window, now }: Props) {
  const words = useWords();
  const query = useQuery(expectedQuery(insight, service, window));
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={5} />;
  const minutes = query.data;
  const above = minutes.filter((one) => one.high !== undefined && one.faults > one.high).length;
  return (
    <Chart
      title={words('insights.faultsOf', { service: service.name })}
      summary={words('insights.chartSummary', {
        service: service.name,
        above,
        minutes: minutes.length,
        most: Math.max(0, ...minutes.map((one) => one.faults)),
      })}
      x={edgesOf(minutes)}
      axis="time"
      unit="count"
      height={220}
      series={[
        {
          label: words('insights.faults'),
          values: minutes.map((one) => one.faults),
          colour: 'fault',
          shape: 'bars',
          pattern: 'fault',
        },
      ]}
      band={{
        label: words('insights.expected'),
        low: minutes.map((one) => one.low ?? null),
        high: minutes.map((one) => one.high ?? null),
      }}
      spans={[{ from: insight.from, to: insight.to ?? now, colour: 'accent' }]}
    />
  );
}

/** Returns where each minute begins, and where the last one ends. */
function edgesOf(minutes: readonly Expected[]): number[] {
  const last = minutes.at(-1);
  return last ? [...minutes.map((one) => one.at - 6e4), last.at] : [];
}
