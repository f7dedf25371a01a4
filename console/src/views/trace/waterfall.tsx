// The rows of the timeline; only those in view are in the document.
import { ChevronDown, ChevronRight, CornerLeftUp } from 'lucide-react';
import { memo, useEffect, useMemo, useRef } from 'react';
import { axisStep, duration, percent } from '../../lib/format.ts';
import type { Stretch } from '../../model/blame.ts';
import { hueOf } from '../../model/status.ts';
import type { Row } from '../../model/rows.ts';
import type { Trace, Work } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { prefer, usePreferences } from '../../state/preferences.ts';
import { Glyph } from '../glyph.tsx';
import { BLOCK, useRows } from '../rows.ts';
import style from './waterfall.module.css';

const ROW = 26;
const AXIS = 24;
/** Bars at least so wide, in parts of the chart, carry their label inside. */
const INSIDE_MIN = 0.18;

interface Props {
  trace: Trace;
  rows: readonly Row[];
  zoom: readonly [number, number] | null;
  critical: ReadonlyMap<Work, readonly Stretch[]>;
  /** How far works were moved to set clocks right, by their ids. */
  moved: ReadonlyMap<string, number>;
  selected: Work | undefined;
  isDimmed: boolean;
  onSelect: (work: Work) => void;
  onToggle: (id: string) => void;
  onUnfold: (id: string) => void;
  onZoom: (to: readonly [number, number]) => void;
}

export function Waterfall(props: Props) {
  const { trace, rows, zoom, selected } = props;
  const words = useWords();
  const { scroll, blocks, reveal } = useRows(rows.length, ROW, AXIS);
  const at = rows.findIndex((row) => row.work === selected);
  useEffect(() => {
    if (at >= 0) reveal(at);
    // Only a new selection scrolls.
    // oxlint-disable-next-line exhaustive-deps
  }, [selected?.id]);
  const [from, to] = zoom ?? [0, trace.length];
  const { namesWidth } = usePreferences();
  const hands = useHands(props);
  return (
    <div
      ref={scroll}
      className={style['scroll']}
      style={namesWidth > 0 ? ({ '--names': `${namesWidth}px` } as React.CSSProperties) : undefined}
    >
      <Axis from={from} to={to} />
      <div
        role="treegrid"
        aria-label={words('trace.waterfall')}
        aria-rowcount={rows.length}
        tabIndex={0}
        aria-activedescendant={selected && `row-${selected.id}`}
        className={style['rows']}
        style={{ height: rows.length * ROW }}
      >
        {blocks.map((block) => (
          <Lines
            key={block}
            rows={rows}
            first={block * BLOCK}
            from={from}
            to={to}
            length={trace.length}
            selected={at >= block * BLOCK && at < (block + 1) * BLOCK ? selected : undefined}
            critical={props.critical}
            moved={props.moved}
            isDimmed={props.isDimmed}
            {...hands}
          />
        ))}
      </div>
    </div>
  );
}

type Hands = Pick<Props, 'onSelect' | 'onToggle' | 'onUnfold'>;

/** Returns what rows call. It stays the same, so that rows do too. */
function useHands(props: Props): Hands {
  const latest = useRef<Hands>(props);
  latest.current = props;
  return useMemo(
    () => ({
      onSelect: (work) => latest.current.onSelect(work),
      onToggle: (id) => latest.current.onToggle(id),
      onUnfold: (id) => latest.current.onUnfold(id),
    }),
    [],
  );
}

interface LinesProps extends Hands {
  rows: readonly Row[];
  /** The first row of the block. */
  first: number;
  from: number;
  to: number;
  length: number;
  /** What is chosen, if it is in the block. */
  selected: Work | undefined;
  critical: Props['critical'];
  moved: Props['moved'];
  isDimmed: boolean;
}

/** Some rows that come and go together. */
const Lines = memo(function Lines(props: LinesProps) {
  const { rows, first, selected, critical, moved, isDimmed, ...rest } = props;
  const own = rows.slice(first, first + BLOCK);
  return (
    <div
      role="rowgroup"
      className={style['block']}
      style={{ top: first * ROW, height: own.length * ROW }}
    >
      {own.map((row, index) => (
        <Line
          key={row.key}
          row={row}
          index={first + index}
          isSelected={row.work === selected}
          critical={critical.get(row.work)}
          isMoved={moved.has(row.work.id)}
          isDimmed={isDimmed && !row.isMatch}
          {...rest}
        />
      ))}
    </div>
  );
});

function Axis({ from, to }: { from: number; to: number }) {
  const words = useWords();
  const step = axisStep(to - from, 5);
  const marks: number[] = [];
  // At the end there is no room for a label.
  const last = to - (to - from) * 0.06;
  for (let at = Math.ceil(from / step) * step; at <= last && marks.length < 20; at += step)
    marks.push(at);
  return (
    <div className={style['axis']}>
      <div className={style['name']}>
        {words('trace.nameColumn')}
        <Splitter />
      </div>
      <div className={style['track']} aria-hidden="true">
        {marks.map((at) => (
          <span key={at} style={{ left: `${((at - from) / Math.max(to - from, 1e-9)) * 100}%` }}>
            {duration(Math.round(at * 1e6) / 1e6)}
          </span>
        ))}
      </div>
    </div>
  );
}

const NAMES = { min: 120, max: 900, step: 24 } as const;

/** Makes the column of names wider or narrower, by pointer and by keys. */
function Splitter() {
  const words = useWords();
  const widthOf = (element: Element) => element.parentElement?.clientWidth ?? 0;
  const set = (width: number) =>
    prefer({ namesWidth: Math.round(Math.min(NAMES.max, Math.max(NAMES.min, width))) });
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={words('trace.resize')}
      aria-valuenow={usePreferences().namesWidth}
      className={style['splitter']}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        const names = event.currentTarget.parentElement;
        if (names && event.currentTarget.hasPointerCapture(event.pointerId))
          set(event.clientX - names.getBoundingClientRect().left);
      }}
      onDoubleClick={() => prefer({ namesWidth: 0 })}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -NAMES.step, ArrowRight: NAMES.step }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        set(widthOf(event.currentTarget) + by);
      }}
    />
  );
}

interface LineProps extends Hands {
  row: Row;
  index: number;
  from: number;
  to: number;
  length: number;
  isSelected: boolean;
  critical: readonly Stretch[] | undefined;
  isMoved: boolean;
  isDimmed: boolean;
}

const Line = memo(function Line(props: LineProps) {
  const { row, index, isSelected, onSelect } = props;
  const words = useWords();
  const { work } = row;
  const name = work.kind === 'missing' ? words('trace.missingName', { id: work.id }) : work.name;
  const said = words('trace.rowName', {
    name: `${name} ${work.operation}`,
    status: words(`status.${work.outcome}`),
    start: duration(work.start),
    length: duration(row.length),
    share: percent(props.length > 0 ? row.length / props.length : 0),
    blame: row.blame,
  });
  return (
    <div
      id={`row-${work.id}`}
      role="row"
      aria-label={said}
      aria-level={row.depth + 1}
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      aria-expanded={row.hasChildren ? row.isOpen : undefined}
      className={style['row']}
      data-selected={isSelected || undefined}
      data-dimmed={props.isDimmed || undefined}
      data-match={row.isMatch || undefined}
      style={{ '--hue': hueOf(work.service || name) } as React.CSSProperties}
      onClick={() => onSelect(work)}
    >
      <div
        role="gridcell"
        className={style['name']}
        style={{ paddingLeft: 8 + Math.min(row.depth, 24) * 14 }}
      >
        <Toggle {...props} />
        <Glyph
          outcome={row.isOpen || row.hiddenOutcome === 'ok' ? work.outcome : row.hiddenOutcome}
        />
        <span className="cut" title={`${name} ${work.operation}`}>
          {name} <span className="quiet">{work.operation}</span>
        </span>
        <Badges {...props} />
      </div>
      <div role="gridcell" className={style['track']}>
        <Bar {...props} />
      </div>
    </div>
  );
});

function Toggle({ row, onToggle }: LineProps) {
  const words = useWords();
  if (!row.hasChildren) return <span className={style['strip']} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={style['toggle']}
      aria-label={words(row.isOpen ? 'keys.collapse' : 'keys.expand')}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(row.key);
      }}
    >
      {row.isOpen ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
    </button>
  );
}

function Badges({ row, onUnfold }: LineProps) {
  const words = useWords();
  const { work } = row;
  return (
    <>
      {row.count > 1 && (
        <button
          type="button"
          tabIndex={-1}
          className={`badge ${style['fold']}`}
          title={words('trace.unfold', { count: row.count, sum: duration(row.sum) })}
          onClick={(event) => {
            event.stopPropagation();
            onUnfold(row.key);
          }}
        >
          {words('trace.times', { count: row.count })}
        </button>
      )}
      {row.foundIn && row.foundIn !== 'name' && (
        <span className="badge">{words('trace.foundIn', { place: row.foundIn })}</span>
      )}
      {row.hiddenCount > 0 && <span className="badge">+{row.hiddenCount}</span>}
      {work.isInferred && (
        <span className={`badge ${style['spare']}`}>{words('status.inferred')}</span>
      )}
      {work.isInProgress && <span className="badge">{words('status.progress')}</span>}
      {work.kind === 'missing' && <span className="badge">{words('trace.missing')}</span>}
    </>
  );
}

function Bar({ row, from, to, critical = [], isMoved }: LineProps) {
  const words = useWords();
  const { work, blame } = row;
  const span = Math.max(to - from, 1e-9);
  const left = Math.max(0, (work.start - from) / span);
  const right = Math.min(1, (work.start + row.length - from) / span);
  const isInView = right > 0 && left < 1;
  if (!isInView)
    return <span className={style['away']} data-side={right <= 0 ? 'left' : 'right'} />;
  const width = right - left;
  const place = width >= INSIDE_MIN ? 'inside' : right > 0.85 ? 'before' : 'after';
  const fill = blame === 'origin' ? `fill-${work.outcome}` : '';
  const label = (
    <span className={style['label']} data-place={place}>
      {duration(row.count > 1 ? row.sum : row.length)}
      {blame === 'inherited' && <CornerLeftUp size={11} aria-label={words('trace.below')} />}
    </span>
  );
  const box = { left: `${left * 100}%`, width: `max(2px, ${width * 100}%)` };
  return (
    <>
      <div
        className={`${style['bar']} ${fill}`}
        style={box}
        data-blame={blame}
        data-outcome={work.outcome}
        data-kind={work.isInferred || work.kind === 'missing' ? 'inferred' : work.kind}
        data-open={work.isInProgress || undefined}
        data-moved={isMoved || undefined}
      >
        {label}
      </div>
      {critical.map((stretch) => (
        <Underline
          key={stretch.from}
          left={(stretch.from - from) / span}
          right={(stretch.to - from) / span}
        />
      ))}
    </>
  );
}

/** Marks the part of a row that the end of the trace waited for. */
function Underline({ left, right }: { left: number; right: number }) {
  const [from, to] = [Math.max(0, left), Math.min(1, right)];
  if (to <= from) return null;
  return (
    <span
      className={style['critical']}
      style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
    />
  );
}
