// A chart of lines, bars and bands: its title, its legend, its numbers as a table, the keys that
// brush it. What draws is loaded when a chart is first shown.
import { ChartColumn, Table2 } from 'lucide-react';
import { Suspense, lazy, useId, useState } from 'react';
import type { ReactNode } from 'react';
import { keyed, limited } from '../model/brush.ts';
import type { Values } from '../model/chart.ts';
import type { Outcome } from '../model/status.ts';
import { useClock } from '../state/clock.ts';
import { useWords } from '../state/language.tsx';
import style from './chart.module.css';
import { placeOf, valueText } from './chart/values.ts';
import { useUnkept } from './kept.tsx';

const Plot = lazy(() => import('./chart/plot.tsx'));

/** One set of values. */
export interface Series {
  label: string;
  values: Values;
  /** The token that names its colour, without dashes: `A`, `ok`, `accent`. */
  colour: string;
  /** `area` is a line with its ground filled. */
  shape: 'line' | 'area' | 'bars';
  /** Outcomes are also told by their pattern. */
  pattern?: Outcome;
  isDashed?: boolean;
}

/** What to draw. */
export interface ChartProps {
  title: string;
  /** What the chart says, in one sentence, for those who do not see it. */
  summary: string;
  /** For bars their edges, one more than values; for lines alone, the points. In milliseconds. */
  x: readonly number[];
  /** Times on the clock, or lengths of time. */
  axis: 'time' | 'duration';
  /** Whether the axis is logarithmic. */
  isLog?: boolean;
  unit: 'count' | 'duration' | 'share';
  series: readonly Series[];
  isStacked?: boolean;
  /** Whether shares are shown up to the whole. */
  isFull?: boolean;
  /** What was expected. */
  band?: { label: string; low: Values; high: Values } | undefined;
  /** Lines across, such as percentiles. */
  marks?: readonly { at: number; label: string; colour?: string }[];
  /** Spans that stand out, such as insights. */
  spans?: readonly { from: number; to: number; colour: string }[];
  brush?: readonly [number, number] | null;
  onBrush?: ((brush: readonly [number, number] | null) => void) | undefined;
  /** Since when there is anything to show: what is older is hatched. */
  since?: number | undefined;
  height?: number;
  /** Stands beside the title. */
  tools?: ReactNode;
}

export function Chart(props: ChartProps) {
  const { title, summary, series, band, tools, axis, x, height = 160 } = props;
  const words = useWords();
  const [isTable, setTable] = useState(false);
  const id = useId();
  const unkept = useUnkept(axis === 'time' ? x[0] : undefined);
  const toggle = words(isTable ? 'chart.graph' : 'chart.table');
  return (
    <section className={`card ${style['chart']}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        <Legend series={series} band={band?.label} />
        {tools}
        <button
          type="button"
          className="button plain"
          aria-label={toggle}
          title={toggle}
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? <ChartColumn size={15} /> : <Table2 size={15} />}
        </button>
      </header>
      <p className="hidden">
        {summary} {unkept?.said}
      </p>
      {isTable ? (
        <Numbers {...props} height={height} />
      ) : (
        <Drawing {...props} since={unkept?.since} height={height} />
      )}
    </section>
  );
}

function Legend({ series, band }: { series: readonly Series[]; band: string | undefined }) {
  if (series.length < 2 && band === undefined) return <span className={style['spring']} />;
  return (
    <ul className={style['legend']}>
      {series.map((one) => (
        <li key={one.label}>
          <i
            className={one.pattern && `fill-${one.pattern}`}
            data-shape={one.shape}
            data-dashed={one.isDashed}
            style={{ '--colour': `var(--${one.colour})` } as React.CSSProperties}
          />
          {one.label}
        </li>
      ))}
      {band !== undefined && (
        <li>
          <i data-shape="band" /> {band}
        </li>
      )}
    </ul>
  );
}

/** The drawing, with a place for the keyboard: arrows point, Shift and arrows choose, Enter takes. */
function Drawing(props: ChartProps & { height: number }) {
  const { x, series, title, onBrush, height } = props;
  const words = useWords();
  const clock = useClock();
  const [chosen, setChosen] = useState<readonly [number, number]>();
  const count = series[0]?.values.length ?? 0;
  const spanOf = ([from, to]: readonly [number, number]): readonly [number, number] => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    // Of points without edges, half of the way to the next one.
    const isEdged = x.length > count;
    return [x[low] ?? 0, x[isEdged ? high + 1 : high] ?? 0];
  };
  const press = (event: React.KeyboardEvent) => {
    const done = keyed(event, chosen ?? null, count);
    if (done === undefined || (done === 'clear' && !chosen && !props.brush)) return;
    if (done === 'take') onBrush?.(spanOf(chosen ?? [0, 0]));
    else setChosen(done === 'clear' ? undefined : done);
    if (done === 'clear') onBrush?.(null);
    event.preventDefault();
  };
  const said = chosen && series.map((one) => `${one.label} ${valueOf(props, one, chosen[1])}`);
  return (
    <>
      <div
        className={style['plot']}
        style={{ height }}
        role="group"
        tabIndex={0}
        aria-label={onBrush ? words('chart.keys', { title }) : title}
        onKeyDown={press}
        onBlur={() => setChosen(undefined)}
      >
        <Suspense>
          <Plot {...props} pending={chosen ? spanOf(chosen) : undefined} pointed={chosen?.[1]} />
        </Suspense>
      </div>
      <p className="hidden" role="status">
        {chosen && `${placeOf(props, chosen[1], clock)}: ${said?.join(', ')}`}
      </p>
    </>
  );
}

function valueOf({ unit }: ChartProps, series: Series, index: number): string {
  return valueText(unit, series.values[index]);
}

function Numbers(props: ChartProps & { height: number }) {
  const { series, band, axis, height, brush, onBrush } = props;
  const words = useWords();
  const clock = useClock();
  const count = series[0]?.values.length ?? 0;
  return (
    <div className={style['numbers']} style={{ height }} tabIndex={0}>
      {onBrush && axis === 'duration' && <Limits brush={brush ?? null} onBrush={onBrush} />}
      <table>
        <thead>
          <tr>
            <th>{words(axis === 'time' ? 'chart.time' : 'chart.duration')}</th>
            {series.map((one) => (
              <th key={one.label} className="number">
                {one.label}
              </th>
            ))}
            {band && <th className="number">{band.label}</th>}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: count }, (_, index) => (
            <tr key={index}>
              <th scope="row">{placeOf(props, index, clock)}</th>
              {series.map((one) => (
                <td key={one.label} className="number">
                  {valueOf(props, one, index)}
                </td>
              ))}
              {band && (
                <td className="number">
                  {valueText(props.unit, band.low[index])} –{' '}
                  {valueText(props.unit, band.high[index])}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The brush as two numbers of milliseconds. */
function Limits({
  brush,
  onBrush,
}: {
  brush: readonly [number, number] | null;
  onBrush: (brush: readonly [number, number] | null) => void;
}) {
  const words = useWords();
  const take = (end: 0 | 1, typed: string) => {
    const next = limited(brush, end, typed, 36e5);
    if (next !== undefined) onBrush(next);
  };
  return (
    <div className={style['limits']}>
      {([0, 1] as const).map((end) => (
        <label key={end}>
          {words(end === 0 ? 'chart.from' : 'chart.to')}
          <input
            className="input"
            type="number"
            min="0"
            step="any"
            value={brush?.[end] ?? ''}
            onChange={(event) => take(end, event.target.value)}
          />
        </label>
      ))}
    </div>
  );
}
