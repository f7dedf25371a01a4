// One service on the map.
import { memo } from 'react';
import { duration, percent, perMinute } from '../../lib/format.ts';
import { averageOf, markOf, shareOf } from '../../model/graph.ts';
import type { Graph, Node, Stats } from '../../model/graph.ts';
import { CARD } from '../../model/layout.ts';
import type { Point } from '../../model/layout.ts';
import { OUTCOMES } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './map.module.css';

const RADIUS = 15;
const ROUND = 2 * Math.PI * RADIUS;
/** A share that is there at all is drawn at least so wide: six degrees. */
const ARC_MIN = 6 / 360;

/** Returns the type in the last of its words: `ECS Container`. */
export function typeName(type: string): string {
  return type.split('::').slice(1).join(' ') || type;
}

interface Props {
  node: Node;
  graph: Graph;
  at: Point;
  minutes: number;
  isSelected: boolean;
  isDimmed: boolean;
  onSelect: (key: string) => void;
}

export const NodeCard = memo(function NodeCard({
  node,
  graph,
  at,
  minutes,
  isSelected,
  isDimmed,
  onSelect,
}: Props) {
  const words = useWords();
  const { stats } = node;
  const rate = perMinute(stats.total / minutes);
  const type = node.isClient ? words('map.client') : typeName(node.type);
  const name = words('map.name', {
    name: node.name,
    type,
    faults: percent(shareOf(stats, 'fault')),
    average: duration(averageOf(stats)),
    rate,
    callers: graph.edges.filter((edge) => edge.to === node.key).length,
    callees: graph.edges.filter((edge) => edge.from === node.key).length,
  });
  const mark = markOf(stats);
  return (
    <button
      type="button"
      className={style['node']}
      style={{ left: at.x, top: at.y, width: CARD.width, height: CARD.height }}
      aria-label={node.isOrigin ? `${name}, ${words('map.origin')}` : name}
      aria-pressed={isSelected}
      title={node.isOrigin ? words('map.origin') : undefined}
      data-key={node.key}
      data-mark={mark}
      data-origin={node.isOrigin}
      data-inferred={node.isInferred || node.isClient}
      data-dimmed={isDimmed}
      onClick={() => onSelect(isSelected ? '' : node.key)}
    >
      <span className={style['ring']}>
        <Ring stats={stats} />
        <Glyph outcome={mark} />
      </span>
      <span className={style['words']}>
        <strong className="cut">{node.name}</strong>
        <span className="cut quiet">{type}</span>
        <span className="cut">
          {duration(averageOf(stats))} · {rate}
        </span>
      </span>
    </button>
  );
});

/** The shares of the outcomes, around. */
function Ring({ stats }: { stats: Stats }) {
  const present = OUTCOMES.filter((outcome) => stats[outcome] > 0);
  const wide = present.map((outcome) => Math.max(ARC_MIN, shareOf(stats, outcome)));
  const sum = wide.reduce((all, one) => all + one, 0);
  let before = 0;
  return (
    <svg width="38" height="38" viewBox="0 0 38 38" aria-hidden="true">
      <circle cx="19" cy="19" r={RADIUS} fill="none" stroke="var(--silent)" strokeWidth="1" />
      {present.map((outcome, index) => {
        const arc = ((wide[index] ?? 0) / sum) * ROUND;
        const gap = present.length > 1 ? 1.5 : 0;
        const offset = -before;
        before += arc;
        return (
          <circle
            key={outcome}
            cx="19"
            cy="19"
            r={RADIUS}
            fill="none"
            stroke={`var(--${outcome})`}
            strokeWidth={outcome === 'fault' ? 6 : 4.5}
            strokeDasharray={`${Math.max(0.5, arc - gap)} ${ROUND}`}
            strokeDashoffset={offset}
            transform="rotate(-90 19 19)"
          />
        );
      })}
    </svg>
  );
}
