// One service on the map.
import { memo } from 'react';
import { ICONS } from '../../draw/icons.ts';
import { duration, percent, perMinute } from '../../lib/format.ts';
import { failsMore, isSlower } from '../../model/compare.ts';
import type { Change } from '../../model/compare.ts';
import { averageOf, percentileOf, shareOf } from '../../model/graph.ts';
import type { Node, Stats } from '../../model/graph.ts';
import { kindOf, shortName, typeName } from '../../model/kind.ts';
import { CARD, widthOf } from '../../model/layout.ts';
import type { Point } from '../../model/layout.ts';
import { markOf } from '../../model/marks.ts';
import { OUTCOMES, worse } from '../../model/status.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import { signed, signedShare } from './delta.ts';
import style from './map.module.css';

/** Which number stands on the cards. */
export const MEASURES = ['avg', 'p50', 'p95', 'p99'] as const;
export type Measure = (typeof MEASURES)[number];
const SHARE = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** What makes a card large. */
export const SIZINGS = ['none', 'traffic', 'health'] as const;
export type Sizing = (typeof SIZINGS)[number];

const RADIUS = 15;
/** A share that is there at all is drawn at least so wide: six degrees. */
const ARC_MIN = 6 / 360;
/** Between two arcs, in pixels. */
const GAP = 1.5;

export function measured(node: Node, measure: Measure): number {
  return measure === 'avg' ? averageOf(node.stats) : (percentileOf(node, SHARE[measure]) ?? NaN);
}

interface Props {
  node: Node;
  at: Point;
  minutes: number;
  callers: number;
  callees: number;
  measure: Measure;
  sizing: Sizing;
  change: Change | undefined;
  isFlagged: boolean;
  isSelected: boolean;
  isDimmed: boolean;
  onSelect: (key: string) => void;
  onOpen: ((key: string) => void) | undefined;
}

export const NodeCard = memo(function NodeCard(props: Props) {
  const { node, at, minutes, measure, change, isSelected } = props;
  const words = useWords();
  const { stats } = node;
  const rate = perMinute(stats.total / minutes);
  const label = useLabel(props, rate);
  const mark = markOf(node);
  const badge = worse(mark, node.worst ?? 'ok');
  const scale = scaleOf(node, props.sizing, minutes);
  return (
    <button
      type="button"
      className={style['node']}
      style={{
        left: at.x,
        top: at.y,
        width: widthOf(node),
        height: CARD.height,
        ...(scale !== 1 && { transform: `scale(${scale})` }),
      }}
      aria-pressed={isSelected}
      title={node.name === shortName(node.name) ? undefined : node.name}
      data-key={node.key}
      data-mark={mark}
      data-origin={node.isOrigin}
      data-inferred={node.isInferred || node.isClient}
      data-client={node.isClient}
      data-many={node.members !== undefined}
      data-state={node.state}
      data-dimmed={props.isDimmed}
      onClick={() => props.onSelect(isSelected ? '' : node.key)}
      onDoubleClick={() => node.members && props.onOpen?.(node.key)}
    >
      <span className="hidden">{label}</span>
      <span className={style['ring']} aria-hidden="true">
        <Ring node={node} change={change} />
        {badge !== 'ok' && (
          <span className={style['mark']}>
            <Glyph outcome={badge} />
          </span>
        )}
      </span>
      <span className={style['words']} aria-hidden="true">
        <strong>{node.isClient ? words('map.client') : shortName(node.name)}</strong>
        <br />
        <span className="quiet">
          {node.isClient
            ? shortName(node.name)
            : node.members
              ? words('map.members', { count: node.members.length })
              : typeName(node.type)}
          <br />
        </span>
        {change ? (
          <Delta change={change} />
        ) : (
          <>
            {!node.isClient && <b>{duration(measured(node, measure))} </b>}
            <i>{node.isClient ? rate : `· ${rate}`}</i>
          </>
        )}
      </span>
      {node.members && (
        <span className={style['count']} aria-hidden="true">
          {node.members.length}
        </span>
      )}
      {props.isFlagged && <span className={style['flag']} aria-hidden="true" />}
      {node.state === 'new' && <span className={style['new']} aria-hidden="true" />}
    </button>
  );
});

/** Returns what is said of the card to those who do not see it. */
function useLabel({ node, callers, callees, change, isFlagged }: Props, rate: string): string {
  const words = useWords();
  const type = node.isClient ? words('map.client') : typeName(node.type);
  const parts = [
    words('map.name', {
      name: node.name,
      type,
      faults: percent(shareOf(node.stats, 'fault')),
      average: duration(averageOf(node.stats)),
      rate,
      callers,
      callees,
    }),
    node.isOrigin && words('map.origin'),
    node.members && words('map.members', { count: node.members.length }),
    node.state === 'silent' && words('map.silent'),
    node.state === 'new' && words('map.new'),
    change && words(`map.kinds.${change.kind}`),
    isFlagged && words('map.insight'),
  ];
  return parts.filter(Boolean).join(', ');
}

/** What is different from then. */
function Delta({ change }: { change: Change }) {
  const words = useWords();
  if (change.kind !== 'kept') return <>{words(`map.kinds.${change.kind}`)}</>;
  const parts = [
    failsMore(change) && words('map.deltaFaults', { share: signedShare(change.fault) }),
    isSlower(change) && signed(change.average),
  ].filter(Boolean);
  return <>{parts.length > 0 ? parts.join(' · ') : words('map.same')}</>;
}

function scaleOf(node: Node, sizing: Sizing, minutes: number): number {
  if (sizing === 'none') return 1;
  const share =
    sizing === 'traffic'
      ? Math.log10(1 + node.stats.total / minutes) / 4
      : (1 - shareOf(node.stats, 'ok')) * 3;
  return Math.round((0.72 + 0.28 * Math.min(1, share)) * 100) / 100;
}

/** What kind of service it is, and around it the shares of the outcomes; those of then within those of
 * now. One picture without anything moved, clipped or turned, for the browser goes through all such
 * things each time that the map is moved. */
function Ring({ node, change }: { node: Node; change: Change | undefined }) {
  return (
    <svg className={style['arcs']} width="38" height="38" viewBox="-11 -11 38 38">
      <circle cx="8" cy="8" r={RADIUS} fill="none" stroke="var(--line)" strokeWidth="3.5" />
      <Arcs stats={node.stats} radius={RADIUS} />
      {change?.kind === 'kept' && <Arcs stats={change.before} radius={RADIUS - 4} isThin />}
      <path
        className={style['icon']}
        data-small={change?.kind === 'kept'}
        d={ICONS[node.members ? 'group' : kindOf(node.type)]}
      />
    </svg>
  );
}

function Arcs({ stats, radius, isThin }: { stats: Stats; radius: number; isThin?: boolean }) {
  const present = OUTCOMES.filter((outcome) => stats[outcome] > 0);
  const wide = present.map((outcome) => Math.max(ARC_MIN, shareOf(stats, outcome)));
  const sum = wide.reduce((all, one) => all + one, 0);
  const gap = present.length > 1 ? GAP / (2 * Math.PI * radius) : 0;
  let before = 0;
  return present.map((outcome, index) => {
    const share = (wide[index] ?? 0) / sum;
    const from = before;
    before += share;
    return (
      <path
        key={outcome}
        d={arcOf(radius, from, from + Math.max(0.005, share - gap))}
        fill="none"
        stroke={`var(--${outcome})`}
        strokeWidth={isThin ? 1.5 : outcome === 'fault' ? 5 : 3.5}
      />
    );
  });
}

/** Returns a part of a circle around the middle of an icon, from the top on. */
function arcOf(radius: number, from: number, to: number): string {
  const at = (share: number) => {
    const angle = (share - 0.25) * 2 * Math.PI;
    return `${round(8 + radius * Math.cos(angle))} ${round(8 + radius * Math.sin(angle))}`;
  };
  const arc = (end: number) => `A${radius} ${radius} 0 0 1 ${at(end)}`;
  // No arc ends where it begins, nor is longer than half of the circle.
  return `M${at(from)}${arc((from + to) / 2)}${arc(to)}`;
}

const round = (value: number) => Math.round(value * 100) / 100;
