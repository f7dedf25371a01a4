// What uPlot is told to draw. Logarithmic axes are linear ones of logarithms here, so that bars,
// brush and marks need one way of placing alone.
import type uPlot from 'uplot';
import type { Clock } from '../../lib/format.ts';
import { duration } from '../../lib/format.ts';
import { linearTicks, logTicks, timeLabels, timeTicks } from '../../lib/ticks.ts';
import { centres, stacked } from '../../model/chart.ts';
import type { Outcome } from '../../model/status.ts';
import type { ChartProps, Series } from '../chart.tsx';
import { valueText } from './values.ts';

/** What the drawing tells. */
export interface Doors {
  onHover: (index: number | null, left: number) => void;
  onSelect: (u: uPlot) => void;
}
type Latest = { readonly current: ChartProps };

/** Returns where a value of the axis stands. */
export function placed({ isLog }: Pick<ChartProps, 'isLog'>, at: number): number {
  return isLog ? Math.log10(Math.max(at, 1e-6)) : at;
}

function hasEdges({ x, series }: ChartProps): boolean {
  return x.length > (series[0]?.values.length ?? 0);
}

/** Returns the values as uPlot takes them: points, series (lifted when they are stacked), the band. */
export function dataOf(props: ChartProps): uPlot.AlignedData {
  const at = props.x.map((one) => placed(props, one));
  const points = hasEdges(props) ? centres(at) : at;
  const all = props.series.map((one) => one.values);
  const values = props.isStacked ? stacked(all).map((one) => one.top) : all;
  const band = props.band ? [props.band.high, props.band.low] : [];
  return [points, ...values, ...band] as unknown as uPlot.AlignedData;
}

export function optionsOf(
  element: Element,
  latest: Latest,
  clock: Clock,
  doors: Doors,
): Omit<uPlot.Options, 'width' | 'height'> {
  const colour = colourer(element);
  const { series, band } = latest.current;
  const first = series.length + 1;
  return {
    padding: [8, 10, 0, 0],
    legend: { show: false },
    cursor: {
      x: true,
      y: false,
      points: { show: false },
      drag: { x: latest.current.onBrush !== undefined, y: false, setScale: false },
      bind: { dblclick: () => () => (latest.current.onBrush?.(null), null) },
    },
    scales: {
      x: { time: false, range: () => ends(latest.current) },
      y: {
        range: (_u, _low, high) => [
          0,
          latest.current.isFull ? 1 : (high || 1) * (latest.current.marks?.length ? 1.2 : 1.06),
        ],
      },
    },
    axes: axesOf(latest, clock, colour),
    series: [
      {},
      ...series.map((one, index) => seriesOf(one, index, latest, colour)),
      ...(band ? [edgeOfBand(), edgeOfBand()] : []),
    ],
    ...(band && { bands: [{ series: [first, first + 1], fill: colour('silent', 0.22) }] }),
    hooks: {
      setCursor: [
        (u) => doors.onHover(u.cursor.idx ?? null, (u.cursor.left ?? 0) + u.over.offsetLeft),
      ],
      setSelect: [doors.onSelect],
      drawClear: [
        (u) => drawUnkept(u, latest.current, colour),
        (u) => drawSpans(u, latest.current, colour),
      ],
      draw: [(u) => drawMarks(u, latest.current, colour, fontOf(element))],
    },
  };
}

type Colour = (token: string, alpha?: number) => string;

/** Returns how tokens are looked up as colours. */
function colourer(element: Element): Colour {
  const style = getComputedStyle(element);
  return (token, alpha = 1) => {
    const value = style.getPropertyValue(`--${token}`).trim();
    return alpha < 1 ? `color-mix(in srgb, ${value} ${alpha * 100}%, transparent)` : value;
  };
}

function fontOf(element: Element): string {
  return `11px ${getComputedStyle(element).fontFamily}`;
}

function ends(props: ChartProps): [number, number] {
  const from = placed(props, props.x[0] ?? 0);
  const to = placed(props, props.x.at(-1) ?? 1);
  return from < to ? [from, to] : [from, from + 1];
}

function axesOf(latest: Latest, clock: Clock, colour: Colour): uPlot.Axis[] {
  const common = {
    stroke: colour('tx2'),
    font: fontOf(document.body),
    ticks: { show: false },
    gap: 4,
  };
  return [
    {
      ...common,
      size: 24,
      grid: { show: false },
      splits: (u) => splitsOf(latest.current, u.width, clock),
      values: (_u, splits) => labelsOf(latest.current, splits, clock),
    },
    {
      ...common,
      size: 52,
      grid: { stroke: colour('line'), width: 1 },
      splits: (_u, _axis, low, high) =>
        // Half a trace is none.
        linearTicks(low, high, 4).filter((at) => latest.current.unit !== 'count' || at % 1 === 0),
      values: (_u, splits) => splits.map((at) => valueText(latest.current.unit, at)),
    },
  ];
}

function splitsOf(props: ChartProps, width: number, clock: Clock): number[] {
  const [from, to] = [props.x[0] ?? 0, props.x.at(-1) ?? 1];
  const count = Math.max(2, Math.floor(width / 84));
  if (props.axis === 'time') return timeTicks(from, to, count, clock);
  const marks = props.isLog ? logTicks(from, to, count) : linearTicks(from, to, count);
  return marks.map((at) => placed(props, at));
}

function labelsOf(props: ChartProps, splits: readonly number[], clock: Clock): string[] {
  const back = (at: number) => (props.isLog ? Number((10 ** at).toPrecision(6)) : at);
  if (props.axis === 'duration') return splits.map((at) => duration(back(at)));
  return timeLabels(splits, (splits[1] ?? 0) - (splits[0] ?? 0), clock);
}

function edgeOfBand(): uPlot.Series {
  return { stroke: 'transparent', points: { show: false } };
}

function seriesOf(one: Series, index: number, latest: Latest, colour: Colour): uPlot.Series {
  const stroke = colour(one.colour);
  const line = {
    stroke,
    width: 1.75,
    points: { show: false },
    ...(one.isDashed && { dash: [5, 4] }),
    ...(one.shape === 'area' && { fill: colour(one.colour, 0.2) }),
  };
  if (one.shape !== 'bars') return line;
  return {
    width: 0,
    points: { show: false },
    fill: one.pattern ? patternOf(one.pattern, stroke) : stroke,
    paths: (u) => bars(u, index, latest.current),
  };
}

/** Returns the bars of a series, each from edge to edge with a hair between. */
function bars(u: uPlot, index: number, props: ChartProps): uPlot.Series.Paths {
  const fill = new Path2D();
  const values = props.series.map((one) => one.values);
  const lifted = props.isStacked ? stacked(values)[index] : undefined;
  const x = (at: number) => u.valToPos(placed(props, at), 'x', true);
  for (const [bar, value] of (props.series[index]?.values ?? []).entries()) {
    if (!value) continue;
    const base = lifted?.base[bar] ?? 0;
    const [left, right] = [x(props.x[bar] ?? 0), x(props.x[bar + 1] ?? 0)];
    const bottom = u.valToPos(base, 'y', true);
    const top = Math.min(bottom - 1, u.valToPos(base + value, 'y', true));
    const gap = right - left > 3 * devicePixelRatio ? devicePixelRatio : 0;
    fill.rect(left, top, Math.max(1, right - left - gap), bottom - top);
  }
  return { fill, stroke: null, flags: 0 } as unknown as uPlot.Series.Paths;
}

/** Returns a colour with the pattern of an outcome on it. */
function patternOf(outcome: Outcome, colour: string): CanvasRenderingContext2D['fillStyle'] {
  const size = 6 * Math.ceil(devicePixelRatio);
  const tile = document.createElement('canvas');
  tile.width = size;
  tile.height = size;
  const context = tile.getContext('2d');
  if (!context || outcome === 'ok') return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = 'rgb(255 255 255 / 40%)';
  context.fillStyle = 'rgb(255 255 255 / 60%)';
  context.lineWidth = size / 5;
  context.beginPath();
  if (outcome === 'error') context.arc(size / 2, size / 2, size / 6, 0, 7);
  else if (outcome === 'throttle') context.rect(0, 0, size / 4, size);
  else {
    for (const shift of [-size, 0, size]) {
      context.moveTo(shift, size);
      context.lineTo(shift + size, 0);
    }
    context.stroke();
    context.beginPath();
  }
  context.fill();
  return context.createPattern(tile, 'repeat') ?? colour;
}

/** Hatches what is older than what is kept. */
function drawUnkept(u: uPlot, props: ChartProps, colour: Colour): void {
  const [low, high] = ends(props);
  if (props.since === undefined || props.since <= low) return;
  const { ctx, bbox } = u;
  const right = u.valToPos(Math.min(high, props.since), 'x', true);
  const step = 7 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, right - bbox.left, bbox.height);
  ctx.clip();
  ctx.strokeStyle = colour('line2');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = bbox.left - bbox.height; x < right; x += step) {
    ctx.moveTo(x, bbox.top + bbox.height);
    ctx.lineTo(x + bbox.height, bbox.top);
  }
  ctx.stroke();
  ctx.restore();
}

function drawSpans(u: uPlot, props: ChartProps, colour: Colour): void {
  for (const { from, to, colour: token } of props.spans ?? []) {
    const [low, high] = ends(props);
    const left = u.valToPos(Math.max(low, placed(props, from)), 'x', true);
    const right = u.valToPos(Math.min(high, placed(props, to)), 'x', true);
    u.ctx.fillStyle = colour(token, 0.14);
    u.ctx.fillRect(left, u.bbox.top, Math.max(2, right - left), u.bbox.height);
  }
}

function drawMarks(u: uPlot, props: ChartProps, colour: Colour, font: string): void {
  const { ctx, bbox } = u;
  const [low, high] = ends(props);
  ctx.save();
  ctx.font = font.replace('11px', `${11 * devicePixelRatio}px`);
  ctx.lineWidth = devicePixelRatio;
  // Labels of marks that stand close go below each other.
  let [taken, row] = [-Infinity, 0];
  for (const { at, label, colour: token } of props.marks ?? []) {
    const place = placed(props, at);
    if (place < low || place > high) continue;
    const x = Math.round(u.valToPos(place, 'x', true)) + 0.5;
    ctx.strokeStyle = colour(token ?? 'tx2');
    ctx.fillStyle = colour('tx');
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(label).width + 8 * devicePixelRatio;
    const isTight = x + width > bbox.left + bbox.width;
    row = x < taken ? (row + 1) % 3 : 0;
    ctx.textAlign = isTight ? 'right' : 'left';
    ctx.fillText(
      label,
      x + (isTight ? -4 : 4) * devicePixelRatio,
      bbox.top + (10 + row * 13) * devicePixelRatio,
    );
    taken = Math.max(taken, x + width);
  }
  ctx.restore();
}
