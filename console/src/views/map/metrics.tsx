// How the chosen service or call did over time: response times, requests, and faults with what was expected.
import { useQuery } from '@tanstack/react-query';
import { periodsQuery } from '../../api/map.ts';
import type { MapScope, Period } from '../../api/map.ts';
import { duration, percent, perMinute } from '../../lib/format.ts';
import { ofEdge, ofService } from '../../model/filter.ts';
import { percentile } from '../../model/histogram.ts';
import { OUTCOMES } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { Chart } from '../chart.tsx';
import { Failure, Skeleton } from '../states.tsx';
import type { Subject } from './subject.ts';

interface Props {
  subject: Subject;
  scope: MapScope;
  onRange: (from: number, to: number) => void;
}

/** Returns what GetTimeSeriesServiceStatistics is asked for. */
function selectorOf(subject: Subject): string {
  if (subject.kind === 'edge') return ofEdge(subject.from, subject.to);
  const { of } = subject;
  return ofService({ name: of.name, type: of.type });
}

export default function Metrics({ subject, scope, onRange }: Props) {
  const words = useWords();
  const isService = subject.kind === 'node';
  const query = useQuery(periodsQuery(scope, selectorOf(subject), isService));
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={6} />;
  const periods = query.data;
  if (!periods.some((one) => one.total > 0))
    return <p className="quiet">{words('map.noPeriods')}</p>;
  const step = (periods[1]?.at ?? 0) - (periods[0]?.at ?? 0) || 6e4;
  const x = [...periods.map((one) => one.at), (periods.at(-1)?.at ?? 0) + step];
  const brush = (span: readonly [number, number] | null) => span && onRange(span[0], span[1]);
  const common = { x, axis: 'time' as const, height: 108, onBrush: brush };
  const total = periods.reduce((sum, one) => sum + one.total, 0);
  const faults = periods.reduce((sum, one) => sum + one.counts.fault, 0);
  return (
    <>
      <Chart
        {...common}
        title={words('map.distribution')}
        summary={words('map.timesSummary', { p50: shown(periods, 0.5), p95: shown(periods, 0.95) })}
        unit="duration"
        series={[
          { label: 'p50', values: lineOf(periods, 0.5), colour: 'accent', shape: 'line' },
          { label: 'p95', values: lineOf(periods, 0.95), colour: 'B', shape: 'line', isDashed: true },
        ]}
      />
      <Chart
        {...common}
        title={words('map.requests')}
        summary={words('map.requestsSummary', { rate: perMinute(total / ((periods.length * step) / 6e4)) })}
        unit="count"
        isStacked
        series={OUTCOMES.filter((one) => one === 'ok' || periods.some((period) => period.counts[one] > 0)).map((one) => ({
          label: words(`status.${one}`),
          values: periods.map((period) => period.counts[one]),
          colour: one,
          shape: 'bars' as const,
          pattern: one,
        }))}
      />
      <Chart
        {...common}
        title={words('map.faults')}
        summary={words('map.faultsSummary', { share: percent(total === 0 ? 0 : faults / total) })}
        unit="count"
        series={[
          { label: words('status.fault'), values: periods.map((one) => one.counts.fault), colour: 'fault', shape: 'bars', pattern: 'fault' },
        ]}
        band={bandOf(periods, words('map.expected'))}
      />
    </>
  ); // prettier-ignore
}

function lineOf(periods: readonly Period[], share: number): (number | null)[] {
  return periods.map(({ bars }) => {
    const seconds = percentile(bars, share);
    return seconds === undefined ? null : seconds * 1e3;
  });
}

function shown(periods: readonly Period[], share: number): string {
  const seconds = percentile(periods.flatMap((one) => one.bars), share); // prettier-ignore
  return duration((seconds ?? NaN) * 1e3);
}

function bandOf(periods: readonly Period[], label: string) {
  if (!periods.some((one) => one.expected)) return undefined;
  return {
    label,
    low: periods.map((one) => one.expected?.[0] ?? null),
    high: periods.map((one) => one.expected?.[1] ?? null),
  };
}
