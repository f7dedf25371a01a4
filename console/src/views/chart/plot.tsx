// The drawing of a chart, by uPlot. Only this file and its options know that library.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { barAt } from '../../model/chart.ts';
import { useClock } from '../../state/clock.ts';
import { usePreferences } from '../../state/preferences.ts';
import type { ChartProps } from '../chart.tsx';
import style from '../chart.module.css';
import { placeOf, valueText } from './values.ts';
import { dataOf, optionsOf, placed } from './options.ts';

interface Props extends ChartProps {
  /** What the keyboard has chosen and not yet taken. */
  pending: readonly [number, number] | undefined;
  /** The bar or point that the keyboard is at. */
  pointed: number | undefined;
}

export default function Plot(props: Props) {
  const clock = useClock();
  const { theme } = usePreferences();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(props);
  const [hover, setHover] = useState<{ index: number; left: number }>();
  latest.current = props;
  // A new drawing when its kind changes; new values go into the one that is there.
  const shape = JSON.stringify([
    props.axis, props.isLog, props.unit, props.isStacked, props.band !== undefined, theme, clock,
    props.since,
    props.series.map((one) => [one.label, one.colour, one.shape, one.isDashed]),
  ]); // prettier-ignore
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const options = optionsOf(element, latest, clock, {
      onHover: (index, left) => setHover(index === null ? undefined : { index, left }),
      onSelect: (u) => take(u, latest.current),
    });
    const made = new uPlot({ ...options, ...size() }, dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      made.setSize(size());
      showBrush(made, latest.current);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // The shape has all that matters here.
    // oxlint-disable-next-line exhaustive-deps
  }, [shape]);
  useLayoutEffect(() => plot.current?.setData(dataOf(props)), [props.x, props.series, props.band]); // oxlint-disable-line exhaustive-deps
  const { brush, pending, x, isLog } = props;
  useEffect(() => {
    // Not on every move of the pointer: what is being dragged must stay.
    if (plot.current) showBrush(plot.current, latest.current as Props);
  }, [brush?.[0], brush?.[1], pending?.[0], pending?.[1], x, isLog, shape]);
  const index = props.pointed ?? hover?.index;
  return (
    <div className={style['stage']}>
      <div ref={box} className={style['box']} data-brush={props.onBrush !== undefined} />
      {index !== undefined && plot.current && (
        <Tip {...props} index={index} left={hover?.left ?? leftOf(plot.current, props, index)} />
      )}
    </div>
  );
}

function leftOf(u: uPlot, props: ChartProps, index: number): number {
  const at =
    (props.x[index] ?? 0) +
    ((props.x[index + 1] ?? props.x[index] ?? 0) - (props.x[index] ?? 0)) / 2;
  return u.valToPos(placed(props, at), 'x') + u.over.offsetLeft;
}

/** Takes what was dragged over; of bars always whole ones. */
function take(u: uPlot, props: ChartProps): void {
  const { left, width } = u.select;
  if (width < 3 || !props.onBrush) return;
  const back = (at: number) => (props.isLog ? 10 ** at : at);
  const [from, to] = [back(u.posToVal(left, 'x')), back(u.posToVal(left + width, 'x'))];
  const isEdged = props.x.length > (props.series[0]?.values.length ?? 0);
  if (!isEdged) return props.onBrush([from, to]);
  const [first, last] = [barAt(props.x, from), barAt(props.x, to)];
  props.onBrush([props.x[first] ?? from, props.x[last + 1] ?? to]);
}

function showBrush(u: uPlot, { brush, pending, ...props }: Props): void {
  const shown = pending ?? brush;
  const height = u.over.clientHeight;
  if (!shown) return u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  const clamp = (at: number) => Math.min(u.over.clientWidth, Math.max(0, at));
  const left = clamp(u.valToPos(placed(props, shown[0]), 'x'));
  const right = clamp(u.valToPos(placed(props, shown[1]), 'x'));
  u.setSelect({ left, top: 0, width: Math.max(1, right - left), height }, false);
}

/** What the values are where the pointer is. */
function Tip({ index, left, ...props }: Props & { index: number; left: number }) {
  const clock = useClock();
  const { series, unit } = props;
  return (
    <div
      className={style['tip']}
      style={{ left }}
      data-side={left > 240 ? 'left' : 'right'}
      aria-hidden="true"
    >
      <div className="quiet">{placeOf(props, index, clock)}</div>
      {series.map((one) => (
        <div key={one.label}>
          <i style={{ background: `var(--${one.colour})` }} />
          {one.label}
          <b>{valueText(unit, one.values[index])}</b>
        </div>
      ))}
    </div>
  );
}
