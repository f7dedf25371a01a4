// The rows of two traces: two bars on one scale, and the difference; only those in view are there.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight, Minus, Plus } from 'lucide-react';
import { memo, useRef } from 'react';
import { axisStep, duration } from '../../lib/format.ts';
import type { Pair, Side } from '../../model/pairs.ts';
import { hueOf, worse } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './compare.module.css';
import { signed } from './page.tsx';

const ROW = 34;

interface Props {
  pairs: readonly Pair[];
  longest: number;
  collapsed: ReadonlySet<string>;
  selected: string;
  onSelect: (key: string) => void;
  onToggle: (key: string) => void;
}

export function Rows({ pairs, longest, collapsed, selected, onSelect, onToggle }: Props) {
  const words = useWords();
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: pairs.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  return (
    <div ref={scroll} className={`card ${style['scroll']}`}>
      <div className={style['axis']} aria-hidden="true">
        <span className={style['name']}>{words('trace.nameColumn')}</span>
        <Marks longest={longest} />
        <span className="number">A</span>
        <span className="number">B</span>
        <span className="number">{words('compare.delta')}</span>
      </div>
      <div
        role="treegrid"
        aria-label={words('compare.title')}
        aria-rowcount={pairs.length}
        tabIndex={0}
        className={style['rows']}
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map((item) => {
          const pair = pairs[item.index];
          return (
            pair && (
              <Line
                key={pair.key}
                pair={pair}
                index={item.index}
                y={item.start}
                longest={longest}
                isOpen={!collapsed.has(pair.key)}
                isSelected={selected === pair.key}
                onSelect={onSelect}
                onToggle={onToggle}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function Marks({ longest }: { longest: number }) {
  const step = axisStep(longest, 5);
  const all = Array.from({ length: Math.floor(longest / step) + 1 }, (_, index) => index * step);
  // At the end there is no room for a label.
  const marks = all.filter((at) => at <= longest * 0.92);
  return (
    <div className={style['track']}>
      {marks.map((at) => (
        <span key={at} style={{ left: `${(at / Math.max(longest, 1e-9)) * 100}%` }}>
          {duration(Math.round(at * 1e6) / 1e6)}
        </span>
      ))}
    </div>
  );
}

interface LineProps {
  pair: Pair;
  index: number;
  y: number;
  longest: number;
  isOpen: boolean;
  isSelected: boolean;
  onSelect: (key: string) => void;
  onToggle: (key: string) => void;
}

const Line = memo(function Line(props: LineProps) {
  const { pair, index, y, longest, isOpen, isSelected } = props;
  const words = useWords();
  const { a, b, name, operation } = pair;
  const delta = (a?.length ?? 0) - (b?.length ?? 0);
  const time = (side: Side | undefined) => (side ? duration(side.length) : '–');
  const said = words('compare.rowName', {
    name: `${name} ${operation}`,
    a: time(a),
    b: time(b),
    delta: signed(delta),
  });
  return (
    <div
      role="row"
      aria-label={said}
      aria-level={pair.depth + 1}
      aria-rowindex={index + 1}
      aria-selected={isSelected}
      aria-expanded={pair.hasChildren ? isOpen : undefined}
      className={style['row']}
      data-only={!b ? 'A' : !a ? 'B' : undefined}
      style={
        {
          transform: `translateY(${y}px)`,
          '--hue': hueOf(pair.service || name),
        } as React.CSSProperties
      }
      onClick={() => props.onSelect(pair.key)}
    >
      <div
        role="gridcell"
        className={style['name']}
        style={{ paddingLeft: 8 + Math.min(pair.depth, 24) * 14 }}
      >
        <Toggle {...props} />
        <Presence pair={pair} />
        <Glyph outcome={worse(a?.outcome ?? 'ok', b?.outcome ?? 'ok')} />
        <span className="cut" title={`${name} ${operation}`}>
          {name} <span className="quiet">{operation}</span>
        </span>
        <Times pair={pair} />
      </div>
      <div role="gridcell" className={style['track']}>
        <Bar side={a} longest={longest} name="A" />
        <Bar side={b} longest={longest} name="B" />
      </div>
      <span role="gridcell" className="number">
        {time(a)}
      </span>
      <span role="gridcell" className="number">
        {time(b)}
      </span>
      <span
        role="gridcell"
        className={`number ${style['delta']}`}
        data-large={Math.abs(delta) > longest * 0.1}
      >
        {signed(delta)}
      </span>
    </div>
  );
});

function Toggle({ pair, isOpen, onToggle }: LineProps) {
  const words = useWords();
  if (!pair.hasChildren) return <span className={style['strip']} />;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={style['toggle']}
      aria-label={words(isOpen ? 'keys.collapse' : 'keys.expand')}
      onClick={(event) => {
        event.stopPropagation();
        onToggle(pair.key);
      }}
    >
      {isOpen ? <ChevronDown size={14} /> : <ChevronRight size={14} />}
    </button>
  );
}

/** Marks what only one of the two has. */
function Presence({ pair: { a, b } }: { pair: Pair }) {
  const words = useWords();
  if (a && b) return null;
  const Icon = a ? Plus : Minus;
  return (
    <span className={style['presence']} title={words('compare.only', { name: a ? 'A' : 'B' })}>
      <Icon size={12} aria-hidden="true" />
      {a ? 'A' : 'B'}
    </span>
  );
}

function Times({ pair: { a, b } }: { pair: Pair }) {
  const [ours, theirs] = [a?.works.length ?? 0, b?.works.length ?? 0];
  if (ours < 2 && theirs < 2) return null;
  return <span className="badge">{ours === theirs ? `× ${ours}` : `× ${ours} / ${theirs}`}</span>;
}

function Bar({
  side,
  longest,
  name,
}: {
  side: Side | undefined;
  longest: number;
  name: 'A' | 'B';
}) {
  if (!side) return null;
  const share = (ms: number) => (longest > 0 ? (ms / longest) * 100 : 0);
  return (
    <span
      className={style['bar']}
      data-set={name}
      data-outcome={side.outcome}
      style={{ left: `${share(side.start)}%`, width: `max(2px, ${share(side.length)}%)` }}
    />
  );
}
