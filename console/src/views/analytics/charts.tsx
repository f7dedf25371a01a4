// Response times and activity: all traces in grey, A and B over them; brushing goes into a set.
import { useMemo } from 'react';
import { duration } from '../../lib/format.ts';
import { share } from '../../model/analytics.ts';
import type { Counts, Measures, Totals } from '../../model/analytics.ts';
import { cumulated } from '../../model/chart.ts';
import { useWords } from '../../state/language.tsx';
import { Chart } from '../chart.tsx';
import type { Series } from '../chart.tsx';
import style from './analytics.module.css';
import type { Common } from './page.tsx';
import { changeOf, setOf } from './params.ts';

const HEIGHT = 200;

/** Returns the three series as counts, as shares of their set, or as running shares. */
function useSeries(
  counts: Counts | null,
  { totals, chosen }: Common,
  kind: 'count' | 'share' | 'cdf',
): readonly Series[] {
  const words = useWords();
  return useMemo(() => {
    if (!counts) return [];
    const shown = (list: readonly number[], total: number) =>
      kind === 'cdf'
        ? cumulated(list)
        : kind === 'share'
          ? list.map((count) => share(count, total))
          : list;
    const line = kind === 'cdf' ? 'line' : 'area';
    return [
      {
        label: words('analytics.all'),
        values: shown(counts.all, totals.all),
        colour: (chosen.a || chosen.b) && kind !== 'cdf' ? 'grp' : 'all',
        shape: kind === 'cdf' ? 'line' : 'bars',
      },
      ...(chosen.a
        ? [{ label: 'A', values: shown(counts.a, totals.a), colour: 'A', shape: line } as const]
        : []),
      ...(chosen.b && counts.b
        ? [
            {
              label: 'B',
              values: shown(counts.b, totals.b ?? 0),
              colour: 'B',
              shape: 'line',
              isDashed: true,
            } as const,
          ]
        : []),
    ];
    // oxlint-disable-next-line exhaustive-deps
  }, [counts, kind, totals.all, totals.a, totals.b, chosen.a, chosen.b, words]);
}

/** Shares are compared; one set alone is counted. */
function kindOf({ values, chosen }: Common): 'count' | 'share' {
  return values.y === 'share' && (chosen.a || chosen.b) ? 'share' : 'count';
}

export function Distribution(props: Common) {
  const { answer, values, change, chosen } = props;
  const words = useWords();
  const isCdf = values.cdf === 'on';
  const kind = isCdf ? 'cdf' : kindOf(props);
  const counts = answer.distribution;
  const series = useSeries(counts, props, kind);
  const set = setOf(values, values.set);
  const title = words('analytics.responsetime');
  if (!counts || counts.all.length === 0)
    return <div className="card" style={{ minHeight: HEIGHT + 46 }} />;
  const marks = marksOf(answer.sets, chosen);
  const said = marks.map((one) => `${one.label} ${duration(one.at)}`).join(', ');
  return (
    <Chart
      title={title}
      summary={words('analytics.distributionText', { marks: said })}
      x={counts.edges}
      axis="duration"
      isLog={values.log === 'log'}
      unit={kind === 'count' ? 'count' : 'share'}
      isFull={kind === 'cdf'}
      series={series}
      marks={marks}
      brush={set.span && [set.span[0] * 1e3, set.span[1] * 1e3]}
      onBrush={(brush) => change(changeOf(values.set, { span: brush && inSeconds(brush) }), 'push')}
      height={HEIGHT}
      tools={<Tools {...props} isCdf={isCdf} />}
    />
  );
}

/** Returns seconds as a filter expression has them, to the microsecond. */
function inSeconds([from, to]: readonly [number, number]): readonly [number, number] {
  const seconds = (ms: number) => Number((ms / 1e3).toFixed(6));
  return [seconds(from), seconds(to)];
}

function Tools({ values, change, chosen, isCdf }: Common & { isCdf: boolean }) {
  const words = useWords();
  const isLog = values.log === 'log';
  return (
    <div className={style['tools']}>
      <button
        type="button"
        className="button plain"
        aria-pressed={isCdf}
        title={words('analytics.cdfText')}
        onClick={() => change({ cdf: isCdf ? '' : 'on' })}
      >
        CDF
      </button>
      <button
        type="button"
        className="button plain"
        aria-pressed={isLog}
        title={words('analytics.logText')}
        onClick={() => change({ log: isLog ? 'linear' : 'log' })}
      >
        log
      </button>
      {(chosen.a || chosen.b) && (
        <button
          type="button"
          className="button plain"
          aria-pressed={values.y === 'share'}
          title={words('analytics.shareText')}
          onClick={() => change({ y: values.y === 'share' ? 'count' : 'share' })}
        >
          %
        </button>
      )}
    </div>
  );
}

/** Returns the percentiles to mark: those of the sets, or of all when there is none. */
function marksOf(sets: Common['answer']['sets'], chosen: Common['chosen']) {
  if (!sets) return [];
  const of = (measures: Measures | null, prefix: string, colour: string) =>
    (['p50', 'p95', 'p99'] as const).flatMap((name) => {
      const at = measures?.[name];
      if (at === null || at === undefined || (prefix !== '' && name !== 'p95')) return [];
      return [{ at, label: `${prefix}${name}`, colour }];
    });
  if (!chosen.a && !chosen.b) return of(sets.retrieved, '', 'tx2');
  return [
    ...(chosen.a ? of(sets.a, 'A ', 'A') : []),
    ...(chosen.b ? of(sets.b, 'B ', 'B') : []),
  ].sort((x, y) => x.at - y.at);
}

export function Activity(props: Common) {
  const { answer, values, change } = props;
  const words = useWords();
  const kind = kindOf(props);
  const counts = answer.activity;
  const series = useSeries(counts, props, kind);
  const set = setOf(values, values.set);
  if (!counts) return <div className="card" style={{ minHeight: HEIGHT + 46 }} />;
  return (
    <Chart
      title={words('analytics.activity')}
      summary={words('analytics.activityText', { most: Math.max(0, ...counts.all) })}
      x={counts.edges}
      axis="time"
      unit={kind}
      series={series}
      brush={set.window && [set.window.from, set.window.to]}
      onBrush={(brush) =>
        change(changeOf(values.set, { window: brush && { from: brush[0], to: brush[1] } }), 'push')
      }
      height={HEIGHT}
    />
  );
}

export type { Totals };
